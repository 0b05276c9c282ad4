//! Trains and asks: by cross-validation, or on messages of their own.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use encode::Shelf;
use indicatif::ProgressBar;
use understand::{
    Answered, Comparison, Deal, Examined, Model, Report, Trainer, answer, compare, cross_validate,
    leave_intents_out,
};

use super::Args;
use super::subject::Subject;
use crate::config::Config;
use crate::reader;

/// A report, with what it was measured on.
#[derive(serde::Serialize)]
pub(super) struct Measured {
    /// With what texts were read.
    pub(super) encoder: String,
    /// Whether it was measured by cross-validation. Out of scope are then intents that were left out for it.
    pub(super) cross_validated: bool,
    /// How long all of it took, in seconds.
    pub(super) took_s: f64,
    /// How long training took, in seconds, with the encoding of texts that were not encoded before; none by cross-validation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) training_s: Option<f64>,
    /// How long the kept model is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model_bytes: Option<usize>,
    #[serde(flatten)]
    pub(super) report: Report,
}

/// What measures: a trainer, and the folder where the vectors of its texts are kept, since measuring again should not encode
/// again.
pub(super) struct Measuring {
    trainer: Trainer,
    vectors: PathBuf,
    bar: ProgressBar,
}

/// A model's answers, and how long its training took.
struct Tested {
    answers: Vec<Answered>,
    training_s: f64,
    model_bytes: usize,
}

impl Measuring {
    /// With the encoder that is asked for, else the one that the subject wants.
    pub(super) fn of(args: &Args, subject: &Subject) -> anyhow::Result<Self> {
        let config = Config::load(&subject.dir, &[])?;
        let name = args.encoder.as_deref().unwrap_or(subject.encoder);
        let encoder = reader::open(name, &Shelf::new(config.encoders(&subject.dir)))?;
        let data = config.data(&subject.dir);
        let vectors = data.join("eval").join(&subject.data.content_hash()[..16]);
        Ok(Self {
            trainer: reader::trainer(encoder, &vectors),
            vectors,
            bar: reader::bar(),
        })
    }

    /// Everything about a subject.
    pub(super) fn measure(mut self, subject: &Subject) -> anyhow::Result<Measured> {
        let mut clock = clock();
        let mut measured = match subject.test {
            None => self.by_cross_validation(subject)?,
            Some(_) => self.on_messages(subject)?,
        };
        measured.took_s = clock().as_secs_f64();
        self.bar.finish_and_clear();
        reader::keep(&self.trainer, &self.vectors)?;
        Ok(measured)
    }

    fn by_cross_validation(&mut self, subject: &Subject) -> anyhow::Result<Measured> {
        let deal = Deal::of(&subject.data);
        let examined = Examined {
            deal: Some(&deal),
            ..subject.examined()
        };
        let answers = self.validate(subject, &deal)?;
        let mut progress = |progress| reader::show(&self.bar, progress);
        let without = leave_intents_out(
            &mut self.trainer,
            examined,
            &deal,
            &mut progress,
            &mut clock(),
        )?;
        let report = Report::of(&answers).with_foreign(&without);
        let report = report.with_advice(&mut self.trainer, examined, &answers)?;
        Ok(self.measured(report, None))
    }

    fn on_messages(&mut self, subject: &Subject) -> anyhow::Result<Measured> {
        let tested = self.test(subject)?;
        let report = Report::of(&tested.answers);
        let report = report.with_advice(&mut self.trainer, subject.examined(), &tested.answers)?;
        Ok(self.measured(report, Some(&tested)))
    }

    fn measured(&self, report: Report, tested: Option<&Tested>) -> Measured {
        Measured {
            encoder: self.encoder(),
            cross_validated: tested.is_none(),
            took_s: 0.0,
            training_s: tested.map(|tested| tested.training_s),
            model_bytes: tested.map(|tested| tested.model_bytes),
            report,
        }
    }

    fn encoder(&self) -> String {
        let encoder = self.trainer.encoder();
        encoder
            .map_or("sparse", |encoder| encoder.fingerprint())
            .to_owned()
    }

    /// What changes from one version to the other, on the messages that both are asked about.
    pub(super) fn compare(mut self, before: &Subject, now: &Subject) -> anyhow::Result<Compared> {
        let (before, now) = match (&before.test, &now.test) {
            (None, None) => {
                let deal = Deal::of(&before.data);
                let like = Deal::like(&now.data, &before.data, &deal);
                (self.validate(before, &deal)?, self.validate(now, &like)?)
            }
            _ => (self.test(before)?.answers, self.test(now)?.answers),
        };
        self.bar.finish_and_clear();
        reader::keep(&self.trainer, &self.vectors)?;
        Ok(Compared {
            encoder: self.encoder(),
            comparison: compare(&before, &now),
        })
    }

    fn validate(&mut self, subject: &Subject, deal: &Deal) -> anyhow::Result<Vec<Answered>> {
        let mut progress = |progress| reader::show(&self.bar, progress);
        let examined = subject.examined();
        Ok(cross_validate(
            &mut self.trainer,
            examined,
            deal,
            &mut progress,
            &mut clock(),
        )?)
    }

    fn test(&mut self, subject: &Subject) -> anyhow::Result<Tested> {
        let mut clock = clock();
        let model = self.train(subject)?;
        let training_s = clock().as_secs_f64();
        let messages = subject.test.clone().unwrap_or_default();
        Ok(Tested {
            answers: answer(&model, messages, &mut clock),
            training_s,
            model_bytes: model.to_bytes().len(),
        })
    }

    fn train(&mut self, subject: &Subject) -> anyhow::Result<Model> {
        let mut progress = |progress| reader::show(&self.bar, progress);
        Ok(self.trainer.train(&subject.data, &mut progress)?)
    }
}

/// A comparison, with what both were read with.
#[derive(serde::Serialize)]
pub(super) struct Compared {
    /// With what texts were read.
    pub(super) encoder: String,
    #[serde(flatten)]
    pub(super) comparison: Comparison,
}

/// The time since the start, for latencies.
#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn clock() -> impl FnMut() -> Duration {
    let start = Instant::now();
    move || start.elapsed()
}
