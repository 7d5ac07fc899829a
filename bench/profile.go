package main

import (
	"github.com/imednetgo/imednet/workflows/profiles"
)

var profileJobs = []job{
	{name: "profile", limit: "iterate, every answer", streams: true, run: profile},
}

func profile(w *work) error {
	mirror, err := w.mirror()
	if err != nil {
		return err
	}
	defer mirror.Close()
	profiler, err := profiles.NewSchemaProfiler(mirror.Client())
	if err != nil {
		return err
	}
	return w.measure(func() (int64, error) {
		p, err := profiler.ProfileRecords(w.ctx, studyKey, profiles.Options{})
		if err != nil {
			return 0, err
		}
		return p.Records, nil
	})
}
