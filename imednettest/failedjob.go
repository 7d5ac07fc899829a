package imednettest

import "strings"

// state is the last state of a job that failed.
func (f FailedJob) state() string {
	if f == FailedUpperCase {
		return strings.ToUpper("failed")
	}
	return "failed"
}

// addWords adds what nobody documents. A job with results has its own progress.
func (f FailedJob) addWords(dst []byte) []byte {
	if f != FailedWithWords {
		return dst
	}
	return append(dst, `,"error":{"code":"9000","description":"The job failed"},"message":"The job failed"`...)
}
