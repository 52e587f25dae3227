//! The sockets that D-Bus frames come through, with what zbus's own lack: frames from strangers are
//! bounded, no descriptors are taken, and nobody is looked up in the user database.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use zbus::connection::socket::{ReadHalf, Socket, Split, WriteHalf};
use zbus::export::async_trait::async_trait;

use crate::crowd::Crowd;
use crate::guest::Guest;

/// The longest frame that is taken from the bus, in bytes. Calls have some hundred; one of a few MiB would
/// be a hundred times that in memory once it is decoded, and hold up every login meanwhile.
pub const LONGEST: u64 = 8 * 1024;

/// The fixed part of a frame's header, which ends in the length of the rest of the header (D-Bus
/// specification, message format).
const FIXED: usize = 16;
/// The type of a frame that wants something, in the second byte of its header.
const METHOD_CALL: u8 = 1;

/// A stream for a zbus connection.
#[derive(Debug)]
pub struct Stream {
    socket: UnixStream,
    frames: Frames,
    crowd: Option<Arc<Crowd>>,
    guest: Arc<Guest>,
}

impl Stream {
    /// Everything is passed on as it comes, until the guest is told to go: only root is at the other end.
    pub fn of_root(socket: UnixStream, guest: Arc<Guest>) -> Self {
        let (frames, crowd) = (Frames::Unlimited, None);
        Self {
            socket,
            frames,
            crowd,
            guest,
        }
    }

    /// A bus with everybody behind it: frames over [`LONGEST`] are thrown away unread, and so are calls
    /// while too many are under way. A client that takes no descriptors gets one line in answer to its
    /// handshake, and then frames.
    pub fn of_anybody(socket: UnixStream, crowd: Arc<Crowd>) -> Self {
        let (frames, crowd) = (Frames::Line, Some(crowd));
        Self {
            socket,
            frames,
            crowd,
            guest: Arc::default(),
        }
    }
}

/// Where in the stream of frames we are.
#[derive(Debug)]
enum Frames {
    /// Nobody counts.
    Unlimited,
    /// In the line that answers the handshake.
    Line,
    /// So much of the fixed part of a header has come.
    Head(Vec<u8>),
    /// The fixed part that has to be passed on, from that place, and what then follows of the frame.
    PassHead(Vec<u8>, usize, u64),
    /// So many more bytes are to be passed on.
    Pass(u64),
    /// So many more bytes are to be thrown away.
    Skip(u64),
}

/// The half that frames come through.
#[derive(Debug)]
pub struct Reader {
    socket: OwnedReadHalf,
    frames: Frames,
    crowd: Option<Arc<Crowd>>,
    guest: Arc<Guest>,
}

/// The half that frames leave by.
#[derive(Debug)]
pub struct Writer {
    /// There until this is dropped.
    socket: Option<OwnedWriteHalf>,
    guest: Arc<Guest>,
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Shut down, it would look like an end after all had been read.
        if let Some(socket) = self.socket.take()
            && self.guest.leaves()
        {
            socket.forget();
        }
    }
}

impl Socket for Stream {
    type ReadHalf = Reader;
    type WriteHalf = Writer;

    fn split(self) -> Split<Reader, Writer> {
        let (socket, write) = self.socket.into_split();
        let reader = Reader {
            socket,
            frames: self.frames,
            crowd: self.crowd,
            guest: Arc::clone(&self.guest),
        };
        let writer = Writer {
            socket: Some(write),
            guest: self.guest,
        };
        Split::new(reader, writer)
    }
}

#[async_trait]
impl ReadHalf for Reader {
    // No descriptors are ever taken: `can_pass_unix_fd` says so, and the bus sends none then.
    async fn recvmsg(&mut self, buffer: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        loop {
            // Cancelling between two reads loses nothing: what came is in `frames` or in `buffer`.
            match &mut self.frames {
                Frames::Unlimited => {
                    return tokio::select! {
                        biased;
                        () = self.guest.told_to_leave() => Ok((0, Vec::new())),
                        read = self.socket.read(buffer) => {
                            self.guest.asked();
                            Ok((read?, Vec::new()))
                        }
                    };
                }
                Frames::Line => {
                    let one = buffer.get_mut(..1).unwrap_or_default();
                    let read = self.socket.read(one).await?;
                    if one.starts_with(b"\n") {
                        self.frames = Frames::next(0, Frames::Pass);
                    }
                    return Ok((read, Vec::new()));
                }
                Frames::Head(head) => {
                    let mut rest = [0; FIXED];
                    let wanted = rest.get_mut(head.len()..).unwrap_or_default();
                    let read = self.socket.read(wanted).await?;
                    if read == 0 {
                        return Ok((0, Vec::new()));
                    }
                    head.extend_from_slice(wanted.get(..read).unwrap_or_default());
                    if head.len() == FIXED {
                        let head = std::mem::take(head);
                        let follows = length(&head)?;
                        let is_call = head.get(1) == Some(&METHOD_CALL);
                        let turned_away =
                            is_call && self.crowd.as_ref().is_some_and(|crowd| crowd.is_full());
                        self.frames = if follows + FIXED as u64 <= LONGEST && !turned_away {
                            Frames::PassHead(head, 0, follows)
                        } else {
                            Frames::Skip(follows)
                        };
                    }
                }
                Frames::PassHead(head, at, follows) => {
                    let left = head.get(*at..).unwrap_or_default();
                    let count = left.len().min(buffer.len());
                    buffer
                        .iter_mut()
                        .zip(left)
                        .for_each(|(to, from)| *to = *from);
                    *at += count;
                    if *at == FIXED {
                        self.frames = Frames::next(*follows, Frames::Pass);
                    }
                    return Ok((count, Vec::new()));
                }
                Frames::Pass(left) => {
                    let most = buffer
                        .len()
                        .min(usize::try_from(*left).unwrap_or(usize::MAX));
                    let read = self
                        .socket
                        .read(buffer.get_mut(..most).unwrap_or_default())
                        .await?;
                    self.frames = Frames::next(*left - read as u64, Frames::Pass);
                    return Ok((read, Vec::new()));
                }
                Frames::Skip(left) => {
                    let mut waste = [0; 4096];
                    let most = waste
                        .len()
                        .min(usize::try_from(*left).unwrap_or(usize::MAX));
                    let read = self
                        .socket
                        .read(waste.get_mut(..most).unwrap_or_default())
                        .await?;
                    if read == 0 {
                        return Ok((0, Vec::new()));
                    }
                    self.frames = Frames::next(*left - read as u64, Frames::Skip);
                }
            }
        }
    }
}

impl Frames {
    /// Goes on with `left` bytes of this frame, or with the next one.
    fn next(left: u64, go_on: impl FnOnce(u64) -> Self) -> Self {
        match left {
            0 => Self::Head(Vec::with_capacity(FIXED)),
            left => go_on(left),
        }
    }
}

/// How many bytes follow the fixed part of a header: the fields, padded to eight, and the body.
fn length(head: &[u8]) -> io::Result<u64> {
    let number = |at: usize| {
        let bytes = head.get(at..)?.first_chunk::<4>()?;
        match head.first()? {
            b'l' => Some(u64::from(u32::from_le_bytes(*bytes))),
            b'B' => Some(u64::from(u32::from_be_bytes(*bytes))),
            _ => None,
        }
    };
    match (number(4), number(12)) {
        (Some(body), Some(fields)) => Ok(fields.next_multiple_of(8) + body),
        _ => Err(io::Error::other("what came over the bus is no D-Bus frame")),
    }
}

#[async_trait]
impl WriteHalf for Writer {
    async fn sendmsg(&mut self, buffer: &[u8], _none: &[BorrowedFd<'_>]) -> io::Result<usize> {
        let sent = match &mut self.socket {
            Some(socket) => socket.write(buffer).await?,
            None => return Err(io::ErrorKind::NotConnected.into()),
        };
        self.guest.sent(buffer);
        Ok(sent)
    }

    async fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    async fn close(&mut self) -> io::Result<()> {
        match &mut self.socket {
            Some(socket) if !self.guest.leaves() => socket.shutdown().await,
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame with a body of so many bytes; header fields of 20 bytes, padded to 24.
    fn frame(endian: u8, body: u32) -> Vec<u8> {
        let bytes = |number: u32| match endian {
            b'l' => number.to_le_bytes(),
            _ => number.to_be_bytes(),
        };
        let mut frame = vec![endian, 1, 0, 1];
        frame.extend(bytes(body));
        frame.extend(bytes(7));
        frame.extend(bytes(20));
        frame.resize(FIXED + 24, b'f');
        frame.resize(FIXED + 24 + body as usize, b'b');
        frame
    }

    const OK: &[u8] = b"OK 1234deadbeef\r\n";

    async fn passed_on(sent: Vec<u8>, buffer: usize) -> Vec<u8> {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let sending = tokio::spawn(async move { theirs.write_all(&sent).await });
        let (mut reader, _writer) = Stream::of_anybody(ours, Arc::default()).split().take();
        let mut passed = Vec::new();
        let mut buffer = vec![0; buffer];
        loop {
            match reader.recvmsg(&mut buffer).await.unwrap() {
                (0, _) => break,
                (read, _) => passed.extend_from_slice(&buffer[..read]),
            }
        }
        sending.await.unwrap().unwrap();
        passed
    }

    #[tokio::test]
    async fn frames_within_the_bound_pass_unchanged_and_longer_ones_vanish() {
        let bound = u32::try_from(LONGEST).unwrap() - 40;
        for endian in [b'l', b'B'] {
            for buffer in [1, 7, 16, 4096] {
                let short = [frame(endian, 0), frame(endian, 100), frame(endian, bound)];
                let long = [frame(endian, bound + 1), frame(endian, 1 << 20)];
                let sent = [&short[0], &long[0], &short[1], &long[1], &short[2]];
                let sent = sent.into_iter().flatten().copied();
                let sent = OK.iter().copied().chain(sent).collect();
                let expected = [OK, &short.concat()].concat();
                assert_eq!(passed_on(sent, buffer).await, expected, "{buffer}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_no_frame_ends_the_connection() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(OK).await.unwrap();
        theirs.write_all(b"HTTP/1.1 200 OK\r\n").await.unwrap();
        let (mut reader, _writer) = Stream::of_anybody(ours, Arc::default()).split().take();
        for _ in OK {
            reader.recvmsg(&mut [0; 64]).await.unwrap();
        }
        assert!(reader.recvmsg(&mut [0; 64]).await.is_err());
    }

    #[tokio::test]
    async fn what_comes_after_a_guest_was_told_to_leave_stays_unread_and_the_kernel_says_so() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let guest = Arc::<Guest>::default();
        let stream = Stream::of_root(ours, Arc::clone(&guest));
        let (mut reader, mut writer) = stream.split().take();
        theirs.write_all(b"a question").await.unwrap();
        let mut buffer = [0; 64];
        let (read, _) = reader.recvmsg(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..read], b"a question");
        writer.sendmsg(b"l\x02an answer", &[]).await.unwrap();
        assert!(guest.ask_to_leave());
        theirs.write_all(b"another question").await.unwrap();
        assert_eq!(reader.recvmsg(&mut buffer).await.unwrap().0, 0);
        writer.close().await.unwrap();
        drop((reader, writer));
        let read = theirs.read(&mut buffer).await;
        assert_eq!(read.unwrap(), b"l\x02an answer".len());
        let reset = theirs.read(&mut buffer).await.unwrap_err();
        assert_eq!(reset.kind(), io::ErrorKind::ConnectionReset);
    }
}
