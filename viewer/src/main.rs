//! The program; see the library.

fn main() -> std::process::ExitCode {
    beside_viewer::cli::main()
}
