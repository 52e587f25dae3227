//! The other end of a socket for tests: does what a script says, for each connection.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread::{self, JoinHandle};

use zbus::DynamicType;
use zbus::export::serde::Serialize;
use zbus::message::Message;

use crate::address::Address;
use crate::failure::Step;
use crate::{ffi, frame};

/// A listening socket, and the scripts that its connections get, one after the other.
pub struct Server {
    path: PathBuf,
    thread: Option<JoinHandle<()>>,
}

pub type Script = Box<dyn FnOnce(&mut Peer) + Send>;

impl Server {
    /// Listens at once; the scripts run on a thread. A connection beyond them is not accepted.
    pub fn new(scripts: Vec<Script>) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "countersign-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        let listener = UnixListener::bind(&path).unwrap();
        let thread = thread::spawn(move || {
            for script in scripts {
                let (stream, _) = listener.accept().unwrap();
                script(&mut Peer {
                    stream,
                    inbox: Vec::new(),
                });
            }
        });
        Self {
            path,
            thread: Some(thread),
        }
    }

    pub fn address(&self) -> Address {
        Address::Path(self.path.to_str().unwrap().to_owned())
    }

    /// Waits for all scripts to be through; a failed assertion in one of them fails the test.
    pub fn finish(mut self) {
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// One connection, seen from the server.
pub struct Peer {
    stream: UnixStream,
    inbox: Vec<u8>,
}

impl Peer {
    /// Reads until the handshake's first line is there, and accepts it.
    pub fn accept(&mut self) {
        while !self.inbox.windows(2).any(|pair| pair == b"\r\n") {
            self.more();
        }
        assert!(self.inbox.starts_with(b"\0AUTH EXTERNAL "));
        self.send(b"OK 0123456789abcdef0123456789abcdef\r\n");
        let begin = loop {
            if let Some(at) = self.inbox.windows(7).position(|part| part == b"BEGIN\r\n") {
                break at + 7;
            }
            self.more();
        };
        self.inbox.drain(..begin);
    }

    /// Reads until this is somewhere in what has come, which stays to be read again.
    pub fn wait_for(&mut self, text: &str) -> Vec<u8> {
        let text = text.as_bytes();
        while !self.inbox.windows(text.len()).any(|part| part == text) {
            self.more();
        }
        self.inbox.clone()
    }

    /// Waits until something comes, and reads one byte of it.
    pub fn first_byte(&mut self) {
        assert!(self.inbox.is_empty());
        let mut byte = [0];
        self.stream.read_exact(&mut byte).unwrap();
        self.inbox.extend_from_slice(&byte);
    }

    /// The next call.
    pub fn call(&mut self) -> Message {
        loop {
            if let Some(head) = self.inbox.first_chunk() {
                let length = frame::length(*head, Step::Hello).unwrap();
                if self.inbox.len() >= length {
                    let bytes = self.inbox.drain(..length).collect();
                    return ffi::zbus_message(bytes).unwrap();
                }
            }
            self.more();
        }
    }

    /// The next call, which must be this one.
    pub fn expect(&mut self, member: &str) -> Message {
        let call = self.call();
        assert_eq!(call.header().member().unwrap().as_str(), member);
        call
    }

    /// Answers, as `sender` if there is a bus between.
    pub fn answer<B>(&mut self, call: &Message, sender: Option<&str>, body: &B)
    where
        B: Serialize + DynamicType,
    {
        let mut reply = Message::method_return(&call.header());
        if let Some(sender) = sender {
            reply = reply.sender(sender.to_owned());
        }
        self.send(reply.build(body).unwrap().data());
    }

    /// Answers with a D-Bus error.
    pub fn refuse(&mut self, call: &Message, sender: Option<&str>, name: &str, text: &str) {
        let mut reply = Message::error(&call.header(), name.to_owned());
        if let Some(sender) = sender {
            reply = reply.sender(sender.to_owned());
        }
        self.send(reply.build(&text).unwrap().data());
    }

    /// Sends bytes as they are. The other end may be gone.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Says nothing until the other end hangs up; the rest of what it sent.
    pub fn hang(&mut self) -> Vec<u8> {
        let _ = self.stream.read_to_end(&mut self.inbox);
        std::mem::take(&mut self.inbox)
    }

    fn more(&mut self) {
        let mut chunk = [0; 1024];
        let read = self.stream.read(&mut chunk).unwrap();
        assert_ne!(read, 0, "the module hung up");
        self.inbox.extend_from_slice(&chunk[..read]);
    }
}
