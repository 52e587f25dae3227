use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
    /// A new authority, with its files in that folder.
    pub fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("a folder for certificates");
        let authority = Self {
            folder: folder.to_owned(),
        };
        let key = folder.join("ca.key");
        openssl(
            &[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
            ]
            .map(Path::new)
            .into_iter()
            .chain(
                [
                    "-nodes",
                    "-days",
                    "30",
                    "-subj",
                    "/CN=Test authority",
                    "-keyout",
                ]
                .map(Path::new),
            )
            .chain([key.as_path(), Path::new("-out"), &authority.certificate()])
            .collect::<Vec<_>>(),
        );
        authority
    }

    /// The certificate by which this authority is known.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("ca.crt")
    }

    /// A certificate for a host of that name, good for a month, also as a server on this machine.
    pub fn issue(&self, name: &str) -> Identity {
        self.issue_for(name, &["-days", "30"])
    }

    /// The same, which ended in the year 2001.
    pub fn issue_expired(&self, name: &str) -> Identity {
        let (begin, end) = ("20000101000000Z", "20010101000000Z");
        self.issue_by_calendar(name, begin, end)
    }

    fn issue_for(&self, name: &str, days: &[&str]) -> Identity {
        let identity = self.identity(name);
        let request = self.request(name, &identity);
        let extensions = self.extensions();
        let mut arguments: Vec<PathBuf> = Vec::new();
        arguments.extend(["x509", "-req", "-in"].map(PathBuf::from));
        arguments.push(request);
        arguments.push("-CA".into());
        arguments.push(self.certificate());
        arguments.push("-CAkey".into());
        arguments.push(self.folder.join("ca.key"));
        arguments.extend(["-CAcreateserial", "-extfile"].map(PathBuf::from));
        arguments.push(extensions);
        arguments.extend(days.iter().map(PathBuf::from));
        arguments.push("-out".into());
        arguments.push(identity.certificate.clone());
        openssl(&arguments);
        identity
    }

    /// `openssl x509` counts days from today alone; the whole calendar is `openssl ca`'s, who keeps books.
    fn issue_by_calendar(&self, name: &str, begin: &str, end: &str) -> Identity {
        let identity = self.identity(name);
        let request = self.request(name, &identity);
        let books = self.folder.join("books");
        fs::create_dir_all(&books).expect("a folder for the authority's books");
        fs::write(books.join("index.txt"), "").expect("empty books");
        let configuration = books.join("openssl.cnf");
        let text = format!(
            "[ca]\ndefault_ca=books\n[books]\ndatabase={0}/index.txt\nnew_certs_dir={0}\nrand_serial=yes\n\
             default_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n",
            books.display()
        );
        fs::write(&configuration, text).expect("a configuration for openssl ca");
        let mut arguments: Vec<PathBuf> = ["ca", "-batch", "-notext", "-config"]
            .map(PathBuf::from)
            .into();
        arguments.push(configuration);
        arguments.push("-cert".into());
        arguments.push(self.certificate());
        arguments.push("-keyfile".into());
        arguments.push(self.folder.join("ca.key"));
        arguments.extend(["-startdate", begin, "-enddate", end, "-in"].map(PathBuf::from));
        arguments.push(request);
        arguments.push("-out".into());
        arguments.push(identity.certificate.clone());
        openssl(&arguments);
        identity
    }

    fn identity(&self, name: &str) -> Identity {
        Identity {
            certificate: self.folder.join(format!("{name}.crt")),
            key: self.folder.join(format!("{name}.key")),
        }
    }

    fn request(&self, name: &str, identity: &Identity) -> PathBuf {
        let request = self.folder.join(format!("{name}.csr"));
        let subject = format!("/CN={name}");
        let mut arguments: Vec<PathBuf> = Vec::new();
        arguments.extend(
            [
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-subj",
            ]
            .map(PathBuf::from),
        );
        arguments.extend([
            PathBuf::from(subject),
            "-keyout".into(),
            identity.key.clone(),
        ]);
        arguments.extend([PathBuf::from("-out"), request.clone()]);
        openssl(&arguments);
        request
    }

    fn extensions(&self) -> PathBuf {
        let path = self.folder.join("extensions");
        fs::write(&path, "subjectAltName=IP:127.0.0.1,DNS:localhost\n").expect("extensions");
        path
    }
}

fn openssl<A: AsRef<Path>>(arguments: &[A]) {
    let output = Command::new("openssl")
        .args(arguments.iter().map(AsRef::as_ref))
        .stdin(Stdio::null())
        .output()
        .expect("openssl runs");
    assert!(
        output.status.success(),
        "openssl failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
