use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What every certificate is good for as a server.
const NAMES: &str = "subjectAltName=IP:127.0.0.1,DNS:localhost";
const NEW_KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

/// Somebody who vouches for servers and hosts. Made by openssl, so that the certificates are not of our own reading.
#[derive(Clone)]
pub struct Authority {
    folder: PathBuf,
}

/// A certificate with its key, in PEM.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl Authority {
    /// A new authority, by the name of the folder that its files are in.
    pub fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("a folder for certificates");
        fs::write(folder.join("names"), NAMES).expect("the names of servers");
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let here = folder.display();
        openssl(&format!(
            "req -x509 {NEW_KEY} -days 30 -subj /CN={name} -keyout {here}/ca.key -out {here}/ca.crt"
        ));
        Self {
            folder: folder.to_owned(),
        }
    }

    /// The certificate by which this authority is known.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("ca.crt")
    }

    /// A certificate for a host of that name, good for a month, also as a server on this machine.
    pub fn issue(&self, name: &str) -> Identity {
        let here = self.folder.display();
        self.request(name);
        openssl(&format!(
            "x509 -req -in {here}/{name}.csr -CA {here}/ca.crt -CAkey {here}/ca.key -CAcreateserial \
             -extfile {here}/names -days 30 -out {here}/{name}.crt"
        ));
        self.identity(name)
    }

    /// The same, which ended in the year 2001.
    pub fn issue_expired(&self, name: &str) -> Identity {
        // `openssl x509` counts days from today alone; the whole calendar is `openssl ca`'s, who keeps books.
        let here = self.folder.display();
        let text = format!(
            "[ca]\ndefault_ca=books\n[books]\ndatabase={here}/index\nnew_certs_dir={here}\nrand_serial=yes\n\
             default_md=sha256\npolicy=any\nx509_extensions=host\n[any]\ncommonName=supplied\n[host]\n{NAMES}\n"
        );
        fs::write(self.folder.join("books"), text).expect("a configuration for openssl ca");
        fs::write(self.folder.join("index"), "").expect("empty books");
        self.request(name);
        openssl(&format!(
            "ca -batch -notext -config {here}/books -cert {here}/ca.crt -keyfile {here}/ca.key \
             -startdate 20000101000000Z -enddate 20010101000000Z -in {here}/{name}.csr -out {here}/{name}.crt"
        ));
        self.identity(name)
    }

    fn identity(&self, name: &str) -> Identity {
        Identity {
            certificate: self.folder.join(format!("{name}.crt")),
            key: self.folder.join(format!("{name}.key")),
        }
    }

    fn request(&self, name: &str) {
        let here = self.folder.display();
        openssl(&format!(
            "req {NEW_KEY} -subj /CN={name} -keyout {here}/{name}.key -out {here}/{name}.csr"
        ));
    }
}

/// Runs openssl with these words.
fn openssl(words: &str) {
    let output = Command::new("openssl")
        .args(words.split_ascii_whitespace())
        .stdin(Stdio::null())
        .output()
        .expect("openssl runs");
    assert!(
        output.status.success(),
        "openssl {words}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
