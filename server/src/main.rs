//! The program; see the library.

use beside_server::{desk, inject};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["desk"] => desk::run(desk::AskedBy::Server).map_err(|error| error.to_string()),
        ["desk", "--asks"] => desk::run(desk::AskedBy::Desk).map_err(|error| error.to_string()),
        ["injector"] => inject::run().map_err(|error| error.to_string()),
        _ => Err("unknown command".to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("beside-server: {error}");
            ExitCode::FAILURE
        }
    }
}
