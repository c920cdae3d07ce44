//! Which vector instructions the kernels use, found out when the program runs.
#![allow(unsafe_code, reason = "the same safe code, compiled for the instructions that were found")]

use std::fmt;

/// A set of vector instructions that this processor has. Only this module makes one, so holding it proves that the
/// kernels written for it may run.
///
/// Every set with fused multiply-add gives the same bits: [`AVX-512`](Self::available), AVX2 and the portable code of
/// aarch64. The portable code of x86-64 has none, and its gradients differ in the last bits of single precision.
///
/// ```
/// use glassbox_instructions::InstructionSet;
/// assert!(InstructionSet::available().contains(&InstructionSet::fastest()));
/// println!("kernels use {}", InstructionSet::fastest());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstructionSet(Kind);

/// Which set it is, for code that is written for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What any processor has.
    Portable,
    /// AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    /// AVX-512 F and DQ.
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

/// Proof that the processor has AVX2 and FMA.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Avx2(());

/// Proof that the processor has AVX-512 F and DQ, with AVX2 and FMA, which the compiler takes as given with them.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Avx512(());

impl InstructionSet {
    /// Code that compiles anywhere.
    pub const PORTABLE: Self = Self(Kind::Portable);

    /// Which set it is.
    #[must_use]
    pub const fn kind(self) -> Kind {
        self.0
    }

    /// Runs a loop compiled for these instructions. The compiler never fuses a product and a sum by itself, so that every set
    /// gives the same bits.
    ///
    /// ```
    /// use glassbox_instructions::{InstructionSet, Loop};
    /// struct Double<'a>(&'a mut [f64]);
    /// impl Loop for Double<'_> {
    ///     type Output = ();
    ///     #[inline(always)]
    ///     fn run(self) {
    ///         self.0.iter_mut().for_each(|number| *number *= 2.0);
    ///     }
    /// }
    /// let mut numbers = [1.0, 2.5];
    /// InstructionSet::fastest().run(Double(&mut numbers));
    /// assert_eq!(numbers, [2.0, 5.0]);
    /// ```
    pub fn run<L: Loop>(self, one: L) -> L::Output {
        match self.0 {
            Kind::Portable => one.run(),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2(proof) => proof.run(one),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512(proof) => proof.run(one),
        }
    }

    /// Every set that this processor has, the fastest last.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut sets = vec![Self::PORTABLE];
        #[cfg(target_arch = "x86_64")]
        sets.extend(Self::avx2().into_iter().chain(Self::avx512()));
        sets
    }

    /// The fastest set that this processor has: what is used unless another is asked for.
    #[must_use]
    pub fn fastest() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(set) = Self::avx512().or_else(Self::avx2) {
            return set;
        }
        Self::PORTABLE
    }

    #[cfg(target_arch = "x86_64")]
    fn avx2() -> Option<Self> {
        let there = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        there.then_some(Self(Kind::Avx2(Avx2(()))))
    }

    #[cfg(target_arch = "x86_64")]
    fn avx512() -> Option<Self> {
        let there = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq");
        Self::avx2().filter(|_| there).map(|_| Self(Kind::Avx512(Avx512(()))))
    }
}

/// Work that [`InstructionSet::run`] compiles for each set of instructions.
pub trait Loop {
    /// What comes out of it.
    type Output;

    /// The work. It and what it calls must be `#[inline(always)]`: what is not inlined is compiled for any processor.
    fn run(self) -> Self::Output;
}

#[cfg(target_arch = "x86_64")]
impl Avx2 {
    fn run<L: Loop>(self, one: L) -> L::Output {
        #[target_feature(enable = "avx2")]
        fn compiled<L: Loop>(one: L) -> L::Output {
            one.run()
        }
        // SAFETY: an `Avx2` exists only where the processor has these instructions.
        unsafe { compiled(one) }
    }
}

#[cfg(target_arch = "x86_64")]
impl Avx512 {
    fn run<L: Loop>(self, one: L) -> L::Output {
        #[target_feature(enable = "avx512f,avx512dq")]
        fn compiled<L: Loop>(one: L) -> L::Output {
            one.run()
        }
        // SAFETY: an `Avx512` exists only where the processor has these instructions.
        unsafe { compiled(one) }
    }
}

impl Default for InstructionSet {
    fn default() -> Self {
        Self::fastest()
    }
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.0 {
            Kind::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2(_) => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512(_) => "AVX-512",
        })
    }
}
