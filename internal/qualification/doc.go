// Package qualification examines an installation of this program where it is used, and writes what it
// saw as a bundle that cannot be altered unnoticed.
//
//	q, err := qualification.New(qualification.Options{Out: "qualification", Executable: path, …})
//	report, err := q.Run(ctx)
//	verdict, err := qualification.Check("qualification", qualification.CheckOptions{})
//
// # What is examined
//
// Installation: the program (version, commit, SHA-256, modules and their checksums), the machine, and
// what the file systems of the given directories do when they are tried: mode bits, exclusive creation,
// replacement by renaming, fsync, locks between processes, and SQLite's WAL with a reader of another
// process beside a writer.
//
// Operation: [Scenario] values, which package scenarios provides. A scenario makes its own data in a
// [Trial], lets the library do its work, and compares what was seen with what was expected, which it
// knew beforehand or found out without the code under test. Each names the requirements that it shows.
//
// # The bundle
//
// index.html is for people and has a place for their signatures; report.json says the same to programs;
// evidence holds files of single scenarios; manifest.json has the SHA-256 of all of them, and
// signature.json, if a key was given, an Ed25519 signature of the manifest. [Check] accepts a bundle only
// if exactly these files are there, byte for byte, and nothing in it failed. That a bundle was not made
// anew as a whole is shown by the head of [Report], if it was kept elsewhere, or by the signature.
//
// # Limits
//
// A bundle is evidence of one run on one machine. It does not show that the machine's clock is right,
// that its disk keeps what it has confirmed when the power fails, or that a live server behaves as the
// embedded one. No bundle says that a system complies with a regulation. Evidence of synthetic studies
// holds synthetic data; of a pilot study, bundles hold counts and hashes only.
package qualification
