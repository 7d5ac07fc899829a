// Package jobs waits for what the server does with submissions. A POST is answered at once; the
// records are stored, or refused, by a job that runs afterwards.
//
//	poller, err := jobs.NewJobPoller(client)
//	if err != nil {
//		return err
//	}
//	status, err := poller.Run(ctx, "DEMO", batchID, imednet.PollOptions{FetchResults: true})
//
// # One job
//
// [JobPoller.Run] polls until the job has ended. Pauses grow by half up to a ceiling and are
// shortened at random by up to a fifth, so that many programs do not poll in step; the last poll is
// made at the deadline. Polls that fail with an error that may pass are tolerated, five in a row by
// default. A state that this library does not know is polled on.
//
// A wait that ends before the job is an [*imednet.JobTimeoutError]; [JobPoller.Resume] takes it and
// goes on. A job that failed or was cancelled is an [*imednet.JobFailedError].
//
// A job that succeeded is no proof that every record was stored: the server can refuse single
// records of a completed job. Read the results ([imednet.JobStatus.Counts]) or read the records
// back, as package submissions does.
//
// # Many jobs
//
// [JobPoller.PollMany] waits for several jobs side by side under one deadline and sorts them into
// results and failures.
//
// # Errors
//
// Any other failure is an [*imednet.Error], a wrong argument an [*imednet.ValidationError]. Batch
// ids may be part of error texts; nothing else of a submission is.
package jobs
