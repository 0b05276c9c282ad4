//! `switchboard chat`: talk to a bot in the terminal.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use dialog::ConversationId;
use runtime::{
    Accepted, Authority, Body, Feed, FeedKind, Inbound, NewConversation, Runtime, Said, Speaker,
};
use store::Memory;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines, Stdin, stdin};
use tools::PrivateAddresses;

use crate::assembly::{Assembly, Variables};
use crate::config::{self, Config};
use crate::providers::Providers;
use crate::route::explain;
use crate::{folder, serving};

/// How long a call may take before the prompt comes back; what arrives later is shown then.
const WAIT: Duration = Duration::from_secs(15);

/// Talk to a bot in the terminal. Nothing is kept.
///
/// Example: switchboard chat mybot --trace
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The bot's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Show what was understood, which transitions were considered and which states entered
    #[arg(long)]
    trace: bool,
    /// Your language
    #[arg(long)]
    locale: Option<String>,
    /// Who you are; the same bot greets a first-time user another way
    #[arg(long, default_value = "you")]
    user: String,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = Config::load(&args.dir, &[("log.level", Some("warn".to_owned()))])?;
    serving::log(&config);
    super::block_on(chat(args, &config))?;
    Ok(ExitCode::SUCCESS)
}

async fn chat(args: &Args, config: &Config) -> anyhow::Result<()> {
    let variables = config::environment();
    let assembly = Assembly {
        dir: args.dir.clone(),
        models: folder::Models::of(config, &args.dir),
        variables: Variables::Known(variables.clone()),
        private: PrivateAddresses::Allowed,
        providers: Some(Providers::of(config, &variables)?),
        library: Arc::default(),
    };
    let store = Arc::new(Memory::new());
    let runtime = assembly.start(runtime::Config::default(), store).await?;
    let opened = runtime
        .open(NewConversation {
            id: None,
            user: Some(args.user.as_str().into()),
            channel: "terminal".to_owned(),
            locale: args.locale.as_deref().map(Into::into),
            slots: serde_json::Map::new(),
            by: Authority::Integrator,
        })
        .await?;
    println!("(an empty line or Ctrl-D ends it)\n");
    let mut terminal = Terminal {
        shown: 0,
        trace: args.trace,
        runtime,
        conversation: opened.conversation,
    };
    terminal.show(&opened.messages);
    terminal.talk().await
}

struct Terminal {
    /// The number of the last message shown: the same one may come with the answer and on the feed.
    shown: u64,
    trace: bool,
    runtime: Runtime,
    conversation: ConversationId,
}

impl Terminal {
    async fn talk(&mut self) -> anyhow::Result<()> {
        let mut feed = self
            .runtime
            .subscribe(&self.conversation, self.shown)
            .await?;
        let mut lines = BufReader::new(stdin()).lines();
        let mut number = 0;
        while let Some(line) = self.next_line(&mut lines, &mut feed).await? {
            if line.trim().is_empty() {
                break;
            }
            number += 1;
            match self.send(&line, number).await {
                Ok(accepted) => self.answered(&accepted).await?,
                Err(error) => eprintln!("{error:#}"),
            }
        }
        self.runtime.drain().await;
        Ok(())
    }

    /// The next line typed; shows what the bot says by itself meanwhile.
    async fn next_line(
        &mut self,
        lines: &mut Lines<BufReader<Stdin>>,
        feed: &mut Feed,
    ) -> anyhow::Result<Option<String>> {
        loop {
            tokio::select! {
                line = lines.next_line() => return Ok(line?),
                item = feed.next() => {
                    let Some(item) = item? else { return Ok(None) };
                    if let Ok(FeedKind::Message(said)) = serde_json::from_str(&item.json) {
                        self.show(&[said]);
                    }
                }
            }
        }
    }

    async fn send(&self, line: &str, number: u64) -> anyhow::Result<Accepted> {
        let inbound = Inbound {
            conversation: self.conversation.clone(),
            source: "terminal".to_owned(),
            id: number.to_string(),
            body: Body::Text(line.to_owned()),
            attachments: Vec::new(),
            by: Authority::Visitor,
        };
        let accepted = self.runtime.accept(inbound).await?;
        Ok(self
            .runtime
            .wait(&self.conversation, accepted.turn, WAIT)
            .await?)
    }

    async fn answered(&mut self, accepted: &Accepted) -> anyhow::Result<()> {
        if self.trace {
            let (turns, _) = self
                .runtime
                .trace_considered(&self.conversation, accepted.turn)
                .await?;
            for shown in explain::turns(&turns, &self.runtime) {
                for line in explain::lines_of(&shown) {
                    println!("  · {line}");
                }
            }
        }
        self.show(&accepted.messages);
        Ok(())
    }

    fn show(&mut self, messages: &[Said]) {
        for said in messages.iter().filter(|said| said.seq > self.shown) {
            let who = match &said.from {
                Speaker::Bot => "bot",
                Speaker::Person { name } => name,
            };
            println!("{who}> {}", said.text);
            for source in &said.sources {
                let link = source.link.as_deref().unwrap_or_default();
                println!("     — {} {link}", source.title);
            }
            for (index, choice) in said.choices.iter().enumerate() {
                println!("     {}. {}", index + 1, choice.label);
            }
        }
        self.shown = messages
            .iter()
            .map(|said| said.seq)
            .fold(self.shown, u64::max);
    }
}
