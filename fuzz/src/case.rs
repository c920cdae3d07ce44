//! Input as a reader gets it: one file, or the files of a folder.

use std::fs;
use std::path::{Path, PathBuf};

/// Files by their names in the folder of a trial; `/` separates folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Where it comes from, for messages.
    pub origin: String,
    /// Names and bytes, sorted by name.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Case {
    /// A case of one file.
    #[must_use]
    pub fn file(name: &str, bytes: Vec<u8>) -> Self {
        Self { origin: name.to_owned(), files: vec![(name.to_owned(), bytes)] }
    }

    /// The bytes of the file of this name; of the only file, where there is one.
    ///
    /// # Panics
    /// Where the case does not have this file.
    pub fn bytes(&mut self, name: &str) -> &mut Vec<u8> {
        let only = self.files.len() == 1;
        let file = self.files.iter_mut().find(|(other, _)| only || other == name);
        &mut file.unwrap_or_else(|| panic!("no file {name} in the case")).1
    }

    /// Writes the files into `folder`, which is made anew.
    ///
    /// # Panics
    /// Where the file system refuses.
    pub fn write(&self, folder: &Path) {
        if folder.exists() {
            fs::remove_dir_all(folder).expect("the folder of a trial can be removed");
        }
        self.add_to(folder);
    }

    /// Writes the files into `folder`, beside what is there.
    ///
    /// # Panics
    /// Where the file system refuses.
    pub fn add_to(&self, folder: &Path) {
        for (name, bytes) in &self.files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("a file lies in a folder"))
                .expect("a folder can be made");
            fs::write(path, bytes).expect("a file can be written");
        }
    }

    /// Bytes of all files.
    #[must_use]
    pub fn size(&self) -> usize {
        self.files.iter().map(|(_, bytes)| bytes.len()).sum()
    }
}

/// The sound cases of a reader: each file and each folder in `fuzz/corpus/READER`, sorted by name.
///
/// # Panics
/// Where there are none.
#[must_use]
pub fn corpus(reader: &str) -> Vec<Case> {
    let folder = corpus_folder(reader);
    let cases = entries(&folder).into_iter().map(|path| {
        let origin = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut files = Vec::new();
        if path.is_dir() {
            collect(&path, "", &mut files);
        } else {
            files.push((origin.clone(), fs::read(&path).expect("a committed file can be read")));
        }
        Case { origin, files }
    });
    let cases: Vec<Case> = cases.collect();
    assert!(!cases.is_empty(), "no corpus in {}", folder.display());
    cases
}

/// Where the sound cases of a reader are.
#[must_use]
pub fn corpus_folder(reader: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(reader)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("a folder can be listed").path()).collect();
    paths.sort();
    paths
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, Vec<u8>)>) {
    for path in entries(folder) {
        let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else {
            files.push((name, fs::read(&path).expect("a committed file can be read")));
        }
    }
}
