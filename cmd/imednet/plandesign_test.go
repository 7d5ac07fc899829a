package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// redesigned is a shell with a plan whose server lets the test change the label of AESEV.
type redesigned struct {
	*planned
	variable int64
	label    string // as it was
}

// pausedPlan has an output of every kind, and stops for changes of the design. What pauses is all that is made of a
// study, whatever it is: where one test has shown that, pausedFiles is enough.
var (
	pausedPlan  = strings.Replace(wholePlan, "every: 6h\n", "every: 6h\nonDesignChange: pause\n", 1)
	pausedFiles = withoutWarehouse(pausedPlan)
)

func newRedesigned(t *testing.T, plan string) *redesigned {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "OWN", Records: 300})
	server := imednettest.NewServer(study)
	p := &redesigned{planned: &planned{&stalled{newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, server)), server, study}}}
	p.write("study.yaml", plan)
	p.write("sound.json", soundConfiguration)
	for v, err := range server.Client().Variables(t.Context(), "OWN", imednet.ListOptions{}) {
		require.NoError(t, err)
		if v.VariableName.Or("") == "AESEV" {
			p.variable, p.label = v.VariableID, v.Label.Or("")
		}
	}
	return p
}

func (p *redesigned) redesign(label string) {
	p.t.Helper()
	require.NoError(p.t, p.study.EditRow(imednet.Variables, p.variable, "label", label))
}

func (p *redesigned) designBack() { p.redesign(p.label) }

// TestAChangedDesignPausesWhatIsMadeOfIt but not the sync, until the version with it is acknowledged.
func TestAChangedDesignPausesWhatIsMadeOfIt(t *testing.T) {
	p := newRedesigned(t, pausedPlan)
	first := p.refresh(exitOK)
	require.Equal(t, every(stateMade, wholeNames...), statesOf(first))

	p.edit("Nausea")
	require.Equal(t, every(stateMade, wholeNames...), statesOf(p.refresh(exitOK)), "data are no design")
	before, warehouse := filesOf(t, filepath.Join(p.dir, "out")), p.origins()

	p.redesign("Worst severity")
	p.edit("Vomiting")
	changed := p.refresh(exitDiffers)
	require.False(t, changed.OK)
	require.Equal(t, every(statePaused, wholeNames...), statesOf(changed))
	require.Equal(t, "synced", changed.Studies[0].State)
	require.Equal(t, first.Studies[0].Version, changed.Studies[0].DesignVersion, "the first refresh took its design as acknowledged")
	require.Greater(t, changed.Studies[0].Version, first.Studies[0].Version)
	require.Contains(t, changed.Studies[0].Paused, "1 change of the design since version "+number(changed.Studies[0].DesignVersion))
	require.Equal(t, before, filesOf(t, filepath.Join(p.dir, "out")))
	require.Equal(t, warehouse, p.origins())
	require.Contains(t, p.ok("records", "list", "OWN", "--cached", "--cache", "mirror.sqlite3", "--form", "AE", "--json"), `"Vomiting"`, "the sync goes on")

	require.Equal(t, every(statePaused, wholeNames...), statesOf(p.refresh(exitDiffers)), "a new process knows it too")
	shown := p.plan()
	require.Equal(t, every(statePaused, wholeNames...), statesOf(shown))
	require.Len(t, shown.Studies[0].DesignChanges, 1)
	require.Equal(t, "Worst severity", shown.Studies[0].DesignChanges[0].After)
	text := p.ok("plan", "--plan", "study.yaml")
	require.Contains(t, text, "Worst severity")
	require.Contains(t, text, "imednet plan acknowledge OWN --version "+number(shown.Studies[0].Version)+" --plan "+shown.File+"\n")

	p.run(exitNotFound, "plan", "acknowledge", "OWN", "--version", number(shown.Studies[0].Version+1), "--plan", "study.yaml")
	p.run(exitUsage, "plan", "acknowledge", "OTHER", "--version", "1", "--plan", "study.yaml")
	p.run(exitUsage, "plan", "acknowledge", "OWN", "--plan", "study.yaml")
	require.Equal(t, every(statePaused, wholeNames...), statesOf(p.refresh(exitDiffers)), "nothing was acknowledged")

	p.ok("plan", "acknowledge", "OWN", "--version", number(shown.Studies[0].Version), "--plan", "study.yaml")
	released := p.refresh(exitOK)
	require.Equal(t, every(stateMade, wholeNames...), statesOf(released))
	require.Empty(t, released.Studies[0].Paused)
	require.Equal(t, every(stateCurrent, wholeNames...), statesOf(p.refresh(exitOK)))
}

// TestADesignThatChangesBackPausesNoMore, and only the version that was reviewed is acknowledged.
func TestADesignThatChangesBackPausesNoMore(t *testing.T) {
	p := newRedesigned(t, pausedFiles)
	p.refresh(exitOK)
	p.redesign("Worst severity")
	reviewed := p.refresh(exitDiffers).Studies[0].Version
	p.designBack()
	p.edit("Nausea")
	require.Equal(t, every(stateMade, fileNames...), statesOf(p.refresh(exitOK)))

	p.redesign("Worst severity")
	p.refresh(exitDiffers)
	p.redesign("Severity at its worst")
	unseen := p.refresh(exitDiffers)
	p.ok("plan", "acknowledge", "OWN", "--version", number(reviewed), "--plan", "study.yaml")
	still := p.refresh(exitDiffers)
	require.Equal(t, every(statePaused, fileNames...), statesOf(still), "a design that came after the reviewed one")
	require.Equal(t, reviewed, still.Studies[0].DesignVersion)
	p.ok("plan", "acknowledge", "OWN", "--version", number(unseen.Studies[0].Version), "--plan", "study.yaml")
	require.Equal(t, every(stateMade, fileNames...), statesOf(p.refresh(exitOK)))
}

// TestADesignThatChangesBesideAKillPauses: what is compared is what is held, not what a run saw arrive.
func TestADesignThatChangesBesideAKillPauses(t *testing.T) {
	p := newRedesigned(t, pausedFiles)
	p.refresh(exitOK)
	before := filesOf(t, filepath.Join(p.dir, "out"))
	for i, resource := range []string{"variables", "users", "queries", "recordRevisions"} {
		p.redesign("Worst severity " + number(int64(i)))
		held := p.stall(at{path: resource})
		p.killWhen(held, "refresh", "--plan", "study.yaml")
		p.flow()
	}
	require.Equal(t, every(statePaused, fileNames...), statesOf(p.refresh(exitDiffers)))
	require.Equal(t, before, filesOf(t, filepath.Join(p.dir, "out")))
	p.designBack()
	p.refresh(exitOK)
}

// killWhen kills a command when it is held.
func (p *planned) killWhen(held <-chan struct{}, args ...string) {
	p.t.Helper()
	cmd := p.command(args...)
	require.NoError(p.t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-held:
		require.NoError(p.t, cmd.Process.Signal(syscall.SIGKILL))
		<-ended
	case err := <-ended:
		require.Fail(p.t, "the command ended before it was held", "%v: %v", args, err)
	}
}

// TestWhatIsNoNewestStateIsNotPaused: data cuts are fixed, and without the setting nothing pauses.
func TestWhatIsNoNewestStateIsNotPaused(t *testing.T) {
	p := newRedesigned(t, pausedFiles)
	p.refresh(exitOK)
	p.ok("cache", "cut", "OWN", "--name", "IA1", "--cache", "mirror.sqlite3")
	p.redesign("Worst severity")
	p.write("study.yaml", strings.Replace(pausedFiles, "    dir: out/tables\n", "    dir: out/cut\n    cut: IA1\n", 1))
	states := statesOf(p.refresh(exitDiffers))
	require.Equal(t, stateMade, states["tables"])
	require.Equal(t, statePaused, states["events"])
	for _, policy := range []string{"", "onDesignChange: continue\n"} {
		p.write("study.yaml", strings.Replace(withoutWarehouse(wholePlan), "every: 6h\n", "every: 6h\n"+policy, 1))
		p.edit("With " + policy)
		require.Equal(t, every(stateMade, fileNames...), statesOf(p.refresh(exitOK)))
	}
}

// TestADesignThatIsNotKnownPauses: a policy that cannot be kept is no reason to go on.
func TestADesignThatIsNotKnownPauses(t *testing.T) {
	p := newRedesigned(t, pausedFiles)
	p.refresh(exitOK)
	p.study.SetRights(imednettest.Rights{Refused: []imednet.Resource{imednet.Intervals}})
	report := p.refresh(exitDiffers)
	require.Equal(t, every(statePaused, fileNames...), statesOf(report))
	require.Contains(t, report.Studies[0].Paused, "intervals")
	p.study.SetRights(imednettest.Rights{})
	p.refresh(exitOK)

	held, err := filepath.Glob(filepath.Join(p.dir, ".imednet", "plans", "*.design.json"))
	require.NoError(t, err)
	require.Len(t, held, 1)
	require.NoError(t, os.Truncate(held[0], 20))
	report = p.refresh(exitDiffers)
	require.Contains(t, report.Studies[0].Paused, "cannot be read")
	p.ok("plan", "acknowledge", "OWN", "--version", number(report.Studies[0].Version), "--plan", "study.yaml")
	p.refresh(exitOK)
}

// TestAWorkerSaysWhatIsPausedAndWhy in its health and its metrics, and releases it in a later run.
func TestAWorkerSaysWhatIsPausedAndWhy(t *testing.T) {
	t.Parallel()
	p := newRedesigned(t, pausedFiles)
	p.refresh(exitOK)
	p.redesign("Worst severity")
	worker := p.work()
	paused := worker.report()
	require.Equal(t, every(statePaused, fileNames...), statesOf(paused))
	require.Contains(t, worker.get(http.StatusOK, "/healthz"), "OWN: paused: 1 change of the design since version ")
	require.Contains(t, worker.get(http.StatusOK, "/metrics"), `imednet_plan_paused{plan="nightly",study="OWN"} 1`+"\n")
	require.Contains(t, worker.get(http.StatusOK, "/metrics"), `result="failed"} 0`, "nothing failed")
	worker.stop()

	p.ok("plan", "acknowledge", "OWN", "--version", number(paused.Studies[0].Version), "--plan", "study.yaml")
	worker = p.work()
	require.Equal(t, every(stateMade, fileNames...), statesOf(worker.report()))
	require.Equal(t, "nightly: healthy\n", worker.get(http.StatusOK, "/healthz"))
	require.Contains(t, worker.get(http.StatusOK, "/metrics"), `imednet_plan_paused{plan="nightly",study="OWN"} 0`+"\n")
	worker.stop()
}
