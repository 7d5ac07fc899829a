package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/storetest"
)

// journalReaders are the commands that only read the journal; journalUsers all that need one.
var (
	journalReaders = []string{"submit list", "submit list OWN --open", "submit show OWN ID", "submit verify"}
	journalUsers   = append([]string{"submit settle OWN ID", "submit resume OWN", "submit resend OWN ID", "submit discard OWN ID --reason looked"}, journalReaders...)
)

// TestAJournalThatDoesNotExist is not found, and nothing is made in its place.
func TestAJournalThatDoesNotExist(t *testing.T) {
	d := newDesk(t)
	for _, line := range journalUsers {
		for _, more := range []string{"", " --journal other/journal.sqlite3"} {
			out, problem := d.run(exitNotFound, strings.Fields(line+more)...)
			require.Empty(t, out, line)
			require.Contains(t, problem, "Not Found: there is no journal ", line)
			require.Contains(t, problem, "Hint: nothing was submitted with this journal yet; `--journal` names another one", line)
			require.NoDirExists(t, filepath.Join(d.dir, ".imednet"), line)
			require.NoDirExists(t, filepath.Join(d.dir, "other"), line)
		}
	}
	d.write("new.json", headache)
	d.ok("submit", "records", "OWN", "new.json", "--dry-run")
	require.NoDirExists(t, filepath.Join(d.dir, ".imednet"), "a dry run leaves nothing behind")
}

// TestReadingCommandsWriteNothing: the files of the journal are the same before and after, also where another
// process has it open and beside one that was killed.
func TestReadingCommandsWriteNothing(t *testing.T) {
	d := newDesk(t)
	d.write("new.json", headache)
	var receipt receiptJSON
	d.json(&receipt, "submit", "records", "OWN", "new.json")
	folder := filepath.Join(d.dir, ".imednet")
	before := filesIn(t, folder)
	for _, line := range journalReaders {
		d.ok(strings.Fields(strings.ReplaceAll(line, "ID", receipt.SubmissionID))...)
		require.Equal(t, before, filesIn(t, folder), line)
	}
}

// filesIn are the files of a folder with their content and the time of their last change.
func filesIn(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	out := map[string]string{}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		require.NoError(t, err)
		info, err := entry.Info()
		require.NoError(t, err)
		out[entry.Name()] = info.ModTime().String() + string(text)
	}
	return out
}

// TestADamagedJournal: whatever happened to the file, it is neither used nor removed, and the hint does not
// lead to an empty journal, which would not know what was sent.
func TestADamagedJournal(t *testing.T) {
	damages := map[string]func(path string){
		"empty":     func(path string) { require.NoError(t, os.Truncate(path, 0)) },
		"cut":       func(path string) { require.NoError(t, os.Truncate(path, 5000)) },
		"no header": func(path string) { overwrite(t, path, 0, 100) },
		"no pages":  func(path string) { overwrite(t, path, 4096, 60_000) },
		"no tables": func(path string) { storetest.Exec(t, path, `DROP TABLE submission_events`) },
	}
	lines := append([]string{"submit records OWN new.json", "submit records OWN new.json --again"}, journalUsers...)
	for name, damage := range damages {
		d := newDesk(t)
		d.write("new.json", headache)
		var receipt receiptJSON
		d.json(&receipt, "submit", "records", "OWN", "new.json")
		path := filepath.Join(d.dir, ".imednet", "submissions.sqlite3")
		damage(path)
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, line := range lines {

			_, problem := d.run(exitFailure, strings.Fields(strings.ReplaceAll(line, "ID", receipt.SubmissionID))...)
			require.Contains(t, problem, "Journal Damaged: ", "%s: %s", name, line)
			require.Contains(t, problem, "Hint: keep "+path+" as it is", "%s: %s", name, line)
			require.Contains(t, problem, "`imednet backup`", "%s: %s", name, line)
			require.NotContains(t, problem, "another file")
			require.NotContains(t, problem, "Headache")
		}
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, before, after, name)
		require.Equal(t, 1, d.posted(), name)
	}
}

func overwrite(t *testing.T, path string, from, to int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	info, err := f.Stat()
	require.NoError(t, err)
	_, err = f.WriteAt([]byte(strings.Repeat("x", int(min(to, info.Size())-from))), from)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// TestAReportThatCannotBeWritten: the records were sent, or settled, and standard output is full. The hint
// leads to the command that shows them, which may be typed as it is; nothing is to be sent again.
func TestAReportThatCannotBeWritten(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no full device")
	}
	defer full.Close()
	for line, c := range map[string]struct {
		plan imednettest.JobPlan
		code int
		says string
	}{
		"submit records OWN new.json --wait":        {code: exitFailure, says: "1 *AE .*standing"},
		"submit records OWN new.json":               {code: exitFailure, says: "1 standing"},
		"submit records OWN new.json --wait --json": {code: exitFailure, says: "1 *AE .*standing"},
		"submit register OWN subjects.json --wait":  {code: exitFailure, says: "1 *DM .*standing"},
		"submit resume OWN --wait":                  {code: exitFailure, says: "standing"},
		"submit settle OWN ID --wait":               {code: exitFailure, says: "standing"},
		"submit settle OWN ID --wait --json":        {code: exitFailure, says: "standing"},
		"submit discard OWN ID --reason looked":     {code: exitFailure, says: "closed: looked"},
		"submit resend OWN ID --wait":               {plan: imednettest.JobPlan{States: []string{"failed"}}, code: exitFailure, says: "standing"},
		"submit records OWN lost.json --wait":       {plan: imednettest.JobPlan{ShowResults: true}, code: exitInvalid, says: "refused|absent"},
	} {
		d := newDesk(t)
		d.write("new.json", headache)
		d.write("lost.json", strings.ReplaceAll(headache, "01-001", "99-999"))
		d.write("subjects.json", `[{"formKey": "DM", "siteName": "Site 01", "data": {"AGE": 41}}]`)
		d.study.PlanJobs(c.plan)
		if strings.Contains(line, "resume") || strings.Contains(line, "ID") {
			args := []string{"submit", "records", "OWN", "new.json", "--json"}
			if c.plan.States != nil {
				args = append(args, "--wait", "--settle-delay", "20ms", "--interval", "10ms")
			}
			code := map[bool]int{true: exitOK, false: exitInvalid}[c.plan.States == nil]
			out, _ := d.run(code, args...)
			var receipt receiptJSON
			require.NoError(t, json.Unmarshal([]byte(out), &receipt))
			line = strings.ReplaceAll(line, "ID", receipt.SubmissionID)
		}
		args := strings.Fields(line)
		if strings.Contains(line, "--wait") {
			args = append(args, "--settle-delay", "20ms", "--interval", "10ms")
		}
		cmd := d.command(args...)
		var said strings.Builder
		cmd.Stdout, cmd.Stderr = full, &said
		require.Error(t, cmd.Run(), line)
		require.Equal(t, c.code, cmd.ProcessState.ExitCode(), "%s\n%s", line, said.String())
		require.NotContains(t, said.String(), "run the same command again", line)
		posted := d.posted()
		shown := d.follow(map[bool]int{true: exitOK, false: exitInvalid}[c.code == exitFailure], said.String())
		require.Regexp(t, c.says, shown, line)
		if c.code == exitFailure {
			require.Equal(t, posted, d.posted(), "the hint of %s sends nothing again", line)
			require.Contains(t, said.String(), "no space left on device", line)
		}
	}
}

// TestAnItemThatWasClosedInTheFile is relied upon by no command: each says that the journal is not what was
// written, and where to read more.
func TestAnItemThatWasClosedInTheFile(t *testing.T) {
	for _, edit := range []string{`closed = 1`, `closed = 1, state = 'standing'`, `state = 'absent'`, `study_key = 'OTHER'`} {
		d := newDesk(t)
		d.write("new.json", headache)
		var receipt receiptJSON
		d.json(&receipt, "submit", "records", "OWN", "new.json")
		path := filepath.Join(d.dir, ".imednet", "submissions.sqlite3")
		storetest.WithoutGuards(t, path, `UPDATE submission_items SET `+edit)
		before := filesIn(t, filepath.Dir(path))
		for _, line := range append([]string{"submit records OWN new.json --wait"}, journalUsers...) {
			out, problem := d.run(exitInvalid, strings.Fields(strings.ReplaceAll(line, "ID", receipt.SubmissionID))...)
			require.Contains(t, problem, "Journal Damaged: ", "%s: %s", edit, line)
			if line == "submit verify" {
				require.Contains(t, out, "1 fault in ")
				require.Contains(t, problem, "Hint: keep "+path, edit)
				continue
			}
			require.NotContains(t, out, "accepted", line)
			require.Contains(t, problem, "Hint: `imednet submit verify` lists what is not as it was written; keep "+path, "%s: %s", edit, line)
		}
		require.Equal(t, before, filesIn(t, filepath.Dir(path)), edit)
		require.Equal(t, 1, d.posted())
	}
}

// TestNoRoomForANewJournal fills a small disk but for a bit more each time, so that every step of the first
// submission fails once, until nothing fails any more. The journal is whole or not there, and the record stands once in the end.
func TestNoRoomForANewJournal(t *testing.T) {
	script := `mount -t tmpfs -o size=400k tmpfs full && dd if=/dev/zero of=full/pad bs=1024 count=$1 2>/dev/null || exit 99
"$0" submit records OWN new.json --journal full/j.sqlite3 --wait $2; echo "exit $?"; rm full/pad
"$0" submit resume OWN --journal full/j.sqlite3 --wait --resend $2; echo "exit $?"
"$0" submit records OWN new.json --journal full/j.sqlite3 --wait $2; echo "exit $?"
"$0" submit verify --journal full/j.sqlite3`
	failed, sent := 0, 0
	for pad := 400; pad >= 0 && sent < 3; pad -= 20 {
		d := newDesk(t)
		d.study.SetJobPlan(imednettest.JobPlan{StoreAtOnce: true}) // nobody may learn the id of the job
		require.NoError(t, os.Mkdir(filepath.Join(d.dir, "full"), 0o700))
		d.write("new.json", headache)
		program := d.command().Path
		cmd := d.command()
		cmd.Path, cmd.Args = "/usr/bin/unshare", []string{"unshare", "--map-root-user", "--mount", "sh", "-c", script, program, strconv.Itoa(pad), "--interval=10ms --settle-delay=20ms --timeout=1s"}
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == 99 || strings.HasPrefix(string(out), "unshare: ") {
			t.Skip("this system has no small disks for tests")
		}
		require.NoError(t, err, "%d: %s", pad, out)
		require.NotContains(t, string(out), "Damaged", pad)
		require.Contains(t, string(out), ": intact", pad)
		require.Equal(t, 1, d.study.StoredItems(), "%d: %s", pad, out)
		require.Equal(t, 1, d.posted(), "%d: %s", pad, out)
		if strings.HasPrefix(string(out), "submission ") {
			sent++
			continue
		}
		failed, sent = failed+1, 0
		require.True(t, strings.HasPrefix(string(out), "No Room Left: "), "%d: %s", pad, out)
	}
	require.Greater(t, failed, 3)
	require.Positive(t, sent)
}
