//! A body that comes bit by bit, breaks, or hangs.

use std::{collections::VecDeque, io, sync::Arc, time::Duration};

use actix_web::{HttpResponse, web::Bytes};
use futures_util::{Stream, stream};

use crate::state::State;

/// One beat of a body.
pub(crate) enum Beat {
    Bytes(Bytes),
    Wait(Duration),
    Break,
    Hang,
}

impl Beat {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Bytes(Bytes::from(text.into()))
    }
}

/// Answers with a stream of events.
pub(crate) fn events(beats: Vec<Beat>, piece: Option<usize>, state: Arc<State>) -> HttpResponse {
    let playing = Playing { beats: cut(beats, piece), state };
    HttpResponse::Ok().content_type("text/event-stream").streaming(play(playing))
}

/// Cuts all bytes into pieces of one size.
fn cut(beats: Vec<Beat>, piece: Option<usize>) -> VecDeque<Beat> {
    let Some(piece) = piece.filter(|size| *size > 0) else {
        return beats.into();
    };
    let cut_one = |beat| match beat {
        Beat::Bytes(bytes) => {
            bytes.chunks(piece).map(|chunk| Beat::Bytes(Bytes::copy_from_slice(chunk))).collect()
        }
        other => vec![other],
    };
    beats.into_iter().flat_map(cut_one).collect()
}

struct Playing {
    beats: VecDeque<Beat>,
    state: Arc<State>,
}

impl Drop for Playing {
    fn drop(&mut self) {
        if !self.beats.is_empty() {
            self.state.hung_up();
        }
    }
}

fn play(playing: Playing) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(playing, |mut playing| async move {
        loop {
            match playing.beats.front()? {
                Beat::Wait(time) => tokio::time::sleep(*time).await,
                // The beat stays, so that it shows whether somebody has hung up.
                Beat::Hang => std::future::pending().await,
                Beat::Bytes(_) | Beat::Break => {}
            }
            match playing.beats.pop_front()? {
                Beat::Bytes(bytes) => return Some((Ok(bytes), playing)),
                Beat::Break => {
                    playing.beats.clear();
                    return Some((Err(io::Error::other("cut off as scripted")), playing));
                }
                Beat::Wait(_) | Beat::Hang => {}
            }
        }
    })
}
