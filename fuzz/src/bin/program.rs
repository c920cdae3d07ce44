//! The program as users have it, under another name: tests of this crate can start it, and know that it is of the same build.

fn main() -> std::process::ExitCode {
    glassbox::cli::main()
}
