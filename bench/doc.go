// Command bench measures every job of the library beside its limit: what the same machine needs for
// the least that the job must do. Each sample runs in a process of its own, jobs and limits in turn;
// the data are generated once.
//
//	go run ./bench                       every job, medians of five
//	go run ./bench -jobs 'sync|iterate'  those whose name matches, with their limits
//	go run ./bench -rows 1000000 -n 3    another size, other medians
//	go run ./bench -rows 1000000 -growth jobs that stream, at 10,000 rows, 100,000 and all
//	go run ./bench -against HEAD~1       beside another commit, which must have the same API
//	go run ./bench -space                bytes a record in each form in which the library keeps it
//	go run ./bench -results              also writes bench/RESULTS.md
//	go run ./bench -smoke                everything once, at a tiny size
//
// With -json the figures are printed as JSON, and with -profiles DIR every job's first sample writes a
// CPU profile there, and one of what was allocated.
//
// The lake stands in its module and so does its bench: cd lake && go run ./bench.
//
// # Figures
//
// CPU is user and system time of the process that does the job, which a busy machine stretches far less
// than hours; the test server's stands apart, and so does the database server's. What a job needs before it can begin is not measured.
// Memory is the peak of anonymous resident memory, of C libraries too, so that files that the kernel
// keeps are not counted (Linux only; 0 elsewhere). Allocations are those of Go. The ratio is the CPU
// time a row of the limit divided by that of the job, so 1.00 is the limit; where a job waits for a
// network it is the ratio of rows a second.
package main
