package main

import (
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/internal/transit"
)

// secretNames are the properties that no command line should have, which every user of the computer can read.
var secretNames = regexp.MustCompile(`(?i)(^|[.-])(token|credential|password|secret|secret-access-key|authorization)$`)

// readProperties takes the properties of the environment, and then those of the command line. What stands on the
// command line must be no secret. No error repeats what was given, which may be one.
func (a *app) readProperties(cmd *cobra.Command) error {
	a.options.Properties = map[string]string{}
	for _, line := range strings.Split(os.Getenv("IMEDNET_LAKE_PROPERTIES"), "\n") {
		if line = strings.TrimSuffix(line, "\r"); line == "" {
			continue
		}
		if _, ok := a.addProperty(line); !ok {
			return usagef("IMEDNET_LAKE_PROPERTIES goes name=value, one a line")
		}
	}
	for _, p := range a.properties {
		name, ok := a.addProperty(p)
		if !ok {
			return usagef("--property goes name=value")
		}
		if secretNames.MatchString(name) {
			return usagef("--property has a secret, which others on this computer can read: put it into IMEDNET_LAKE_PROPERTIES, as name=value, one a line")
		}
	}
	for _, name := range []string{"catalog", "mirror"} {
		if f := cmd.Flags().Lookup(name); f != nil && f.Changed && transit.HasPassword(f.Value.String()) {
			return usagef("--%s has a password, which others on this computer can read: put it into ~/.pgpass or PGPASSWORD, or the URL into IMEDNET_LAKE_%s",
				name, strings.ToUpper(name))
		}
	}
	return nil
}

// addProperty adds name=value, and reports whether it is that.
func (a *app) addProperty(text string) (name string, ok bool) {
	name, value, ok := strings.Cut(text, "=")
	if ok && name != "" {
		a.options.Properties[name] = value
	}
	return name, ok && name != ""
}
