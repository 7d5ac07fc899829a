// Package jobs waits for the jobs that submissions start on the server. The server answers a POST
// at once; a job that runs afterwards stores or rejects the records.
//
//	poller, err := jobs.NewJobPoller(client)
//	if err != nil {
//		return err
//	}
//	status, err := poller.Run(ctx, "DEMO", batchID, imednet.PollOptions{FetchResults: true})
//
// # One job
//
// [JobPoller.Run] polls until the job has ended. Pauses grow by half up to a maximum and are
// randomly shortened by up to a fifth, so that several programs do not poll in step. The last poll
// is made at the deadline. Polls that fail with a transient error are tolerated, by default five in
// a row. A job in a state that this library does not know is polled until the deadline.
//
// A wait that ends before the job does returns an *[imednet.JobTimeoutError]; pass it to
// [JobPoller.Resume] to continue waiting. A job that failed or was cancelled returns an
// *[imednet.JobFailedError].
//
// A successful job does not prove that every record was stored: the server can reject individual
// records of a completed job. Check the results ([imednet.JobStatus.Counts]) or read the records
// back, as package submissions does.
//
// # Many jobs
//
// [JobPoller.PollMany] waits for several jobs concurrently under one deadline and divides them into
// results and failures.
//
// # Errors
//
// Any other failure is an *[imednet.Error]; an invalid argument is an *[imednet.ValidationError].
// Error texts may contain batch ids but nothing else of a submission.
package jobs
