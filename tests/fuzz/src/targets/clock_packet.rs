//! Packets of the clock port, under a known seal: what is decoded after the real one.

use downbeat_protocol::clock_packet::{Answer, Question, SEAL_LEN, Seal};
use downbeat_protocol::{HostTime, ShowTime};

struct Everyones;

impl Seal for Everyones {
    fn seal(&self, _: &[u8]) -> [u8; SEAL_LEN] {
        [0; SEAL_LEN]
    }
}

/// A packet is what its own encoder writes, or it is refused; and none is a question and an answer.
pub fn run(bytes: &[u8]) {
    let (question, answer) = (Question::decode(bytes, &Everyones), Answer::decode(bytes, &Everyones));
    assert!(question.is_err() || answer.is_err());
    if let Ok(question) = question {
        assert_eq!(Question::session(bytes), Ok(question.session));
        assert_eq!(Question::decode(&question.encode(&Everyones), &Everyones), Ok(question));
    }
    if let Ok(answer) = answer {
        assert_eq!(answer.encode(&Everyones), bytes);
    }
}

/// One of each kind.
pub fn seeds() -> Vec<Vec<u8>> {
    let question = Question { session: 5, counter: 7, sent: HostTime(11) };
    let answer = Answer { question, received: ShowTime(13), answered: ShowTime(17) };
    vec![question.encode(&Everyones).into(), answer.encode(&Everyones).into()]
}
