//! The program; see the library.

fn main() -> std::process::ExitCode {
    beside_server::cli::main()
}
