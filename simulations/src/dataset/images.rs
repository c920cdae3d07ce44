//! Raw images with their classes, whatever file they came from.

/// Images as bytes, one after the other.
#[derive(Debug)]
pub(super) struct Images {
    pub(super) pixels: Vec<u8>,
    pub(super) count: usize,
    pub(super) pixels_an_image: usize,
}

/// The largest class of MNIST, Fashion-MNIST and CIFAR-10.
const LARGEST_CLASS: u8 = 9;

/// Labels +1 for even classes and −1 for odd ones; the error says which class is none.
pub(super) fn parity(classes: &[u8]) -> Result<Vec<f32>, String> {
    match classes.iter().position(|class| *class > LARGEST_CLASS) {
        Some(index) => Err(format!("label {index} is {}; classes are 0 to {LARGEST_CLASS}", classes[index])),
        None => {
            let mut labels = Vec::new();
            let refused = |_| format!("has {} labels, which do not fit into memory", classes.len());
            labels.try_reserve_exact(classes.len()).map_err(refused)?;
            labels.extend(classes.iter().map(|class| if class % 2 == 0 { 1.0 } else { -1.0 }));
            Ok(labels)
        }
    }
}
