use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How a proxy treats what goes through it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// As it comes.
    Pass,
    /// Answers come later by so much.
    Slow(Duration),
    /// Nothing gets through any more, and nobody is told.
    Swallow,
    /// The next request does not arrive, and its connection is broken. Then everything passes.
    CutRequest,
    /// The next request arrives, its answer does not, and its connection is broken. Then everything passes.
    CutAnswer,
    /// The next request arrives, and its connection is broken before there can be an answer. Then everything passes.
    CutBehindRequest,
}

/// A bad network between a client and a server on this machine.
pub struct Proxy {
    port: u16,
    manner: Arc<Mutex<Manner>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    There,
    Back,
}

impl Proxy {
    /// A proxy on a port of its own before that one.
    pub fn before(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("its number").port();
        let manner = Arc::new(Mutex::new(Manner::Pass));
        let shared = Arc::clone(&manner);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else {
                    continue; // dropping it tells the client
                };
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                pump(&client, &server, Way::There, &shared);
                pump(&server, &client, Way::Back, &shared);
            }
        });
        Self { port, manner }
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How it treats what comes from now on, on all connections.
    pub fn set(&self, manner: Manner) {
        *self.manner.lock().expect("nobody panics with it") = manner;
    }

    /// How it treats what comes now. A cut that has been made is [`Manner::Pass`].
    pub fn manner(&self) -> Manner {
        *self.manner.lock().expect("nobody panics with it")
    }
}

fn pump(from: &TcpStream, to: &TcpStream, way: Way, manner: &Arc<Mutex<Manner>>) {
    let mut from = from.try_clone().expect("a second hand on a socket");
    let mut to = to.try_clone().expect("a second hand on a socket");
    let manner = Arc::clone(manner);
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let bytes = buffer.get(..length).unwrap_or_default();
            match next(way, &manner) {
                Manner::Slow(by) if way == Way::Back => thread::sleep(by),
                Manner::Pass | Manner::Slow(_) => {}
                Manner::Swallow => continue,
                Manner::CutRequest | Manner::CutAnswer => break,
                Manner::CutBehindRequest => {
                    let _ = to.write_all(bytes);
                    let _ = from.shutdown(Shutdown::Both);
                    break;
                }
            }
            if to.write_all(bytes).is_err() {
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    });
}

/// What to do with bytes that go this way. A cut is made once.
fn next(way: Way, manner: &Mutex<Manner>) -> Manner {
    let mut manner = manner.lock().expect("nobody panics with it");
    let now = *manner;
    let mine = match now {
        Manner::CutRequest | Manner::CutBehindRequest => way == Way::There,
        Manner::CutAnswer => way == Way::Back,
        Manner::Pass | Manner::Slow(_) | Manner::Swallow => return now,
    };
    if !mine {
        return Manner::Pass;
    }
    *manner = Manner::Pass;
    now
}
