package qualification

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"runtime"
	"slices"
	"strings"
)

// Machine is where the program ran.
type Machine struct {
	Host   string `json:"host"`
	System string `json:"system"` // operating system and architecture, as Go names them
	Name   string `json:"name"`   // the operating system's own name and version, where it tells
	Kernel string `json:"kernel"`
	CPUs   int    `json:"cpus"`
	// ID is a hash of the machine's own id, which identifies the machine without telling that id; "" where
	// the system has none.
	ID string `json:"id"`
}

func thisMachine() Machine {
	host, err := os.Hostname()
	if err != nil {
		host = "not told"
	}
	return Machine{
		Host: host, System: runtime.GOOS + "/" + runtime.GOARCH, Name: nameOfSystem(), Kernel: firstLine("/proc/sys/kernel/osrelease"),
		CPUs: runtime.NumCPU(), ID: machineID(),
	}
}

func firstLine(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "not told"
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}

func nameOfSystem() string {
	file, err := os.Open("/etc/os-release")
	if err != nil {
		return "not told"
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, found := strings.CutPrefix(lines.Text(), "PRETTY_NAME="); found {
			return strings.Trim(name, `"`)
		}
	}
	return "not told"
}

func machineID() string {
	text, err := os.ReadFile("/etc/machine-id")
	if err != nil || len(text) == 0 {
		return ""
	}
	sum := sha256.Sum256(append([]byte("imednet/qualification/machine\n"), text...))
	return hex.EncodeToString(sum[:8])
}

// harmless are the variables of the environment whose values are recorded; of the program's own only the
// names are.
var harmless = []string{"GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "LANG", "LC_ALL", "TZ"}

// result begins the one that records the machine.
func (m Machine) result() *Result {
	r := &Result{ID: "IQ-02", Title: "Machine and environment"}
	r.Note("host", m.Host)
	r.Note("system", m.System)
	r.Note("name of the system", m.Name)
	r.Note("kernel", m.Kernel)
	r.Note("processors", m.CPUs)
	r.Note("hash of the machine's id", m.ID)
	return r
}

// machine records where the program runs. It expects nothing.
func (q *Qualification) machine(m Machine) *Result {
	r := m.result()
	for _, variable := range slices.Sorted(slices.Values(q.options.Environment)) {
		name, value, _ := strings.Cut(variable, "=")
		switch {
		case slices.Contains(harmless, name):
			r.Note("environment: "+name, value)
		case strings.HasPrefix(name, "IMEDNET_"):
			r.Note("environment: "+name, "set; the value is not recorded")
		}
	}
	return r
}
