package cache

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet/internal/argument"
)

// metric is one family of WriteMetrics: a name, its type and help, and its samples of one study.
type metric struct {
	name, kind, help string
	samples          func(StudyStatus) []sample
}

// sample is one value, with one more label beside the study when label is set.
type sample struct {
	label, labelValue string
	value             float64
}

// oneSample is a sample without a further label.
func oneSample(v float64) []sample { return []sample{{value: v}} }

// counterOf makes a family of one counter.
func counterOf(v func(Totals) float64) func(StudyStatus) []sample {
	return func(s StudyStatus) []sample { return oneSample(v(s.Totals)) }
}

// instantOf makes a family of one time in seconds since 1970; without a time there is no sample.
func instantOf(v func(StudyStatus) time.Time) func(StudyStatus) []sample {
	return func(s StudyStatus) []sample {
		if t := v(s); !t.IsZero() {
			return oneSample(float64(t.UnixMilli()) / 1000)
		}
		return nil
	}
}

// metrics lists what WriteMetrics writes, in order.
func metrics() []metric {
	return []metric{
		{"imednet_sync_runs_total", "counter", "Runs by result.", func(s StudyStatus) []sample {
			return []sample{{"result", "success", float64(s.Totals.Runs)}, {"result", "failure", float64(s.Totals.Failures)}, {"result", "skipped", float64(s.Totals.Skipped)}}
		}},
		{"imednet_sync_sweeps_total", "counter", "Runs that read every record.", counterOf(func(t Totals) float64 { return float64(t.Sweeps) })},
		{"imednet_sync_ledger_failures_total", "counter", "Times that the ledger could not be read or updated.", counterOf(func(t Totals) float64 { return float64(t.LedgerFailures) })},
		{"imednet_sync_duration_seconds_total", "counter", "Time spent in whole runs.", counterOf(func(t Totals) float64 { return t.Duration.Seconds() })},
		{"imednet_sync_records_total", "counter", "Records changed in the mirror.", func(s StudyStatus) []sample {
			t := s.Totals
			return []sample{{"change", "added", float64(t.Added)}, {"change", "updated", float64(t.Updated)}, {"change", "deleted", float64(t.Deleted)},
				{"change", "restored", float64(t.Restored)}, {"change", "vanished", float64(t.Vanished)}}
		}},
		{"imednet_sync_mirror_records", "gauge", "Records held after the last whole run.", func(s StudyStatus) []sample {
			c := s.LastReport.After
			return []sample{{"state", "active", float64(c.Active)}, {"state", "deleted", float64(c.Deleted)}, {"state", "vanished", float64(c.Vanished)}}
		}},
		{"imednet_sync_state", "gauge", "1 for the state that the study is in.", stateSamples},
		{"imednet_sync_consecutive_failures", "gauge", "Failed runs since the last whole one.", func(s StudyStatus) []sample { return oneSample(float64(s.Failures)) }},
		{"imednet_sync_last_success_timestamp_seconds", "gauge", "End of the last whole run.", instantOf(func(s StudyStatus) time.Time { return s.LastSuccess })},
		{"imednet_sync_resource_fresh_timestamp_seconds", "gauge", "When each resource was last found to be up to date.", freshSamples},
		{"imednet_sync_resource_left_out", "gauge", "1 for a resource that the keys may not read.", leftOutSamples},
		{"imednet_sync_design_changed_timestamp_seconds", "gauge", "When the worker last saw the study's design change.", instantOf(func(s StudyStatus) time.Time { return s.DesignChanged })},
		{"imednet_sync_last_sweep_timestamp_seconds", "gauge", "End of the last sweep.", instantOf(func(s StudyStatus) time.Time { return s.LastSweep })},
		{"imednet_sync_next_run_timestamp_seconds", "gauge", "When the next run is due.", instantOf(func(s StudyStatus) time.Time { return s.NextRun })},
		{"imednet_sync_mark_timestamp_seconds", "gauge", "Server time up to which the mirror has taken changes over.", instantOf(func(s StudyStatus) time.Time { return s.LastReport.Mark })},
		{"imednet_sync_ledger_mark_timestamp_seconds", "gauge", "The mark that the ledger holds.", instantOf(func(s StudyStatus) time.Time { return s.LedgerMark })},
	}
}

func freshSamples(s StudyStatus) (samples []sample) {
	for _, name := range slices.Sorted(maps.Keys(s.Fresh)) {
		samples = append(samples, sample{"resource", string(name), float64(s.Fresh[name].UnixMilli()) / 1000})
	}
	return samples
}

func leftOutSamples(s StudyStatus) (samples []sample) {
	for _, name := range slices.Sorted(maps.Keys(s.LastResources.LeftOut())) {
		samples = append(samples, sample{"resource", string(name), 1})
	}
	return samples
}

func stateSamples(s StudyStatus) []sample {
	var samples []sample
	for _, state := range []StudyState{StateWaiting, StateRunning, StateBackingOff, StateCircuitOpen, StateStopped} {
		v := 0.0
		if s.State == state {
			v = 1
		}
		samples = append(samples, sample{"state", string(state), v})
	}
	return samples
}

// WriteMetrics writes the snapshot in the Prometheus text format (version 0.0.4). Study keys are
// the only labels taken from data.
func (s WorkerStatus) WriteMetrics(w io.Writer) error {
	if err := argument.Required("cache.WorkerStatus.WriteMetrics", "w", w); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	for _, m := range metrics() {
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", m.name, m.help, m.name, m.kind)
		for _, study := range s.Studies {
			for _, v := range m.samples(study) {
				labels := `study="` + escapeLabel(study.StudyKey) + `"`
				if v.label != "" {
					labels += fmt.Sprintf(`,%s="%s"`, v.label, v.labelValue)
				}
				fmt.Fprintf(out, "%s{%s} %s\n", m.name, labels, strconv.FormatFloat(v.value, 'f', -1, 64))
			}
		}
	}
	return out.Flush()
}

// escapeLabel escapes what the text format demands.
func escapeLabel(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s)
}
