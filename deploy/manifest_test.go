package deploy_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// The types hold what the tests know of Kubernetes. A field that is not here is refused, so that a misspelt one is.

type labels map[string]string

// within tells whether everything in l is in other too, and l is not empty: whether a selector finds what has other.
func (l labels) within(other labels) bool {
	for name, value := range l {
		if other[name] != value {
			return false
		}
	}
	return len(l) > 0
}

type object struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   struct {
		Name   string `yaml:"name"`
		Labels labels `yaml:"labels"`
	} `yaml:"metadata"`
}

// what is what a reference to the object names.
func (o object) what() reference { return reference{o.APIVersion, o.Kind, o.Metadata.Name} }

type reference struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Name       string `yaml:"name"`
}

type selector struct {
	MatchLabels labels `yaml:"matchLabels"`
}

type deployment struct {
	object `yaml:",inline"`
	Spec   struct {
		Replicas *int     `yaml:"replicas"`
		Selector selector `yaml:"selector"`
		Strategy struct {
			Type          string `yaml:"type"`
			RollingUpdate struct {
				MaxUnavailable *int `yaml:"maxUnavailable"`
				MaxSurge       int  `yaml:"maxSurge"`
			} `yaml:"rollingUpdate"`
		} `yaml:"strategy"`
		Template struct {
			Metadata struct {
				Labels labels `yaml:"labels"`
			} `yaml:"metadata"`
			Spec pod `yaml:"spec"`
		} `yaml:"template"`
	} `yaml:"spec"`
}

type pod struct {
	GracePeriodSeconds int         `yaml:"terminationGracePeriodSeconds"`
	AutomountToken     *bool       `yaml:"automountServiceAccountToken"`
	Security           security    `yaml:"securityContext"`
	Spread             []spread    `yaml:"topologySpreadConstraints"`
	Containers         []container `yaml:"containers"`
	Volumes            []volume    `yaml:"volumes"`
}

type security struct {
	RunAsNonRoot   bool `yaml:"runAsNonRoot"`
	RunAsUser      int  `yaml:"runAsUser"`
	RunAsGroup     int  `yaml:"runAsGroup"`
	SeccompProfile struct {
		Type string `yaml:"type"`
	} `yaml:"seccompProfile"`
}

type spread struct {
	TopologyKey       string   `yaml:"topologyKey"`
	MaxSkew           int      `yaml:"maxSkew"`
	WhenUnsatisfiable string   `yaml:"whenUnsatisfiable"`
	LabelSelector     selector `yaml:"labelSelector"`
	MatchLabelKeys    []string `yaml:"matchLabelKeys"`
}

type container struct {
	Name      string     `yaml:"name"`
	Image     string     `yaml:"image"`
	Ports     []port     `yaml:"ports"`
	Env       []variable `yaml:"env"`
	Startup   probe      `yaml:"startupProbe"`
	Readiness probe      `yaml:"readinessProbe"`
	Liveness  probe      `yaml:"livenessProbe"`
	Lifecycle struct {
		PreStop struct {
			Sleep struct {
				Seconds int `yaml:"seconds"`
			} `yaml:"sleep"`
		} `yaml:"preStop"`
	} `yaml:"lifecycle"`
	Resources struct {
		Requests map[string]string `yaml:"requests"`
		Limits   map[string]string `yaml:"limits"`
	} `yaml:"resources"`
	Security struct {
		AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
		ReadOnlyRoot             bool  `yaml:"readOnlyRootFilesystem"`
		Capabilities             struct {
			Drop []string `yaml:"drop"`
			Add  []string `yaml:"add"`
		} `yaml:"capabilities"`
	} `yaml:"securityContext"`
	Mounts []mount `yaml:"volumeMounts"`
}

type port struct {
	Name          string `yaml:"name"`
	ContainerPort int    `yaml:"containerPort"`
}

type variable struct {
	Name      string `yaml:"name"`
	Value     string `yaml:"value"`
	ValueFrom struct {
		Secret struct {
			Name string `yaml:"name"`
			Key  string `yaml:"key"`
		} `yaml:"secretKeyRef"`
	} `yaml:"valueFrom"`
}

// secret tells whether the value comes from a Secret.
func (v variable) secret() bool { return v.ValueFrom.Secret.Name != "" }

type probe struct {
	HTTPGet struct {
		Path string `yaml:"path"`
		Port string `yaml:"port"`
	} `yaml:"httpGet"`
	PeriodSeconds    int `yaml:"periodSeconds"`
	TimeoutSeconds   int `yaml:"timeoutSeconds"`
	FailureThreshold int `yaml:"failureThreshold"`
}

// patience is how long the probe may fail before it counts: the last of the failures begins then.
func (p probe) patience() time.Duration { return seconds(p.PeriodSeconds * (p.FailureThreshold - 1)) }

// notice is how long the probe takes at most to see a change.
func (p probe) notice() time.Duration {
	return seconds(p.PeriodSeconds*p.FailureThreshold + p.TimeoutSeconds)
}

func (p probe) timeout() time.Duration { return seconds(p.TimeoutSeconds) }

type mount struct {
	Name      string `yaml:"name"`
	MountPath string `yaml:"mountPath"`
	ReadOnly  bool   `yaml:"readOnly"`
}

type volume struct {
	Name     string `yaml:"name"`
	EmptyDir struct {
		SizeLimit string `yaml:"sizeLimit"`
	} `yaml:"emptyDir"`
}

type service struct {
	object `yaml:",inline"`
	Spec   struct {
		Selector labels `yaml:"selector"`
		Ports    []struct {
			Name       string `yaml:"name"`
			Port       int    `yaml:"port"`
			TargetPort string `yaml:"targetPort"`
		} `yaml:"ports"`
	} `yaml:"spec"`
}

type budget struct {
	object `yaml:",inline"`
	Spec   struct {
		MinAvailable    int      `yaml:"minAvailable"`
		MaxUnavailable  int      `yaml:"maxUnavailable"`
		UnhealthyPolicy string   `yaml:"unhealthyPodEvictionPolicy"`
		Selector        selector `yaml:"selector"`
	} `yaml:"spec"`
}

type autoscaler struct {
	object `yaml:",inline"`
	Spec   struct {
		Target   reference `yaml:"scaleTargetRef"`
		Min      int       `yaml:"minReplicas"`
		Max      int       `yaml:"maxReplicas"`
		Metrics  []metric  `yaml:"metrics"`
		Behavior struct {
			ScaleDown struct {
				WindowSeconds int `yaml:"stabilizationWindowSeconds"`
				Policies      []struct {
					Type          string `yaml:"type"`
					Value         int    `yaml:"value"`
					PeriodSeconds int    `yaml:"periodSeconds"`
				} `yaml:"policies"`
			} `yaml:"scaleDown"`
		} `yaml:"behavior"`
	} `yaml:"spec"`
}

type metric struct {
	Type     string `yaml:"type"`
	Resource struct {
		Name   string `yaml:"name"`
		Target struct {
			Type        string `yaml:"type"`
			Utilization int    `yaml:"averageUtilization"`
		} `yaml:"target"`
	} `yaml:"resource"`
}

type secret struct {
	object `yaml:",inline"`
	Type   string            `yaml:"type"`
	Data   map[string]string `yaml:"stringData"`
}

type kustomization struct {
	APIVersion string   `yaml:"apiVersion"`
	Kind       string   `yaml:"kind"`
	Resources  []string `yaml:"resources"`
	Images     []struct {
		Name    string `yaml:"name"`
		NewName string `yaml:"newName"`
		NewTag  string `yaml:"newTag"`
	} `yaml:"images"`
}

// read decodes the only document of a manifest.
func read[T any](t *testing.T, file string) (into T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("kubernetes", file)) //nolint:gosec // our own
	require.NoError(t, err)
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	require.NoError(t, decoder.Decode(&into), file)
	require.ErrorIs(t, decoder.Decode(new(T)), io.EOF, "%s: one object for each file", file)
	return into
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// mebibytes reads a quantity such as 256Mi or 230MiB, else it is 0.
func mebibytes(quantity string) int {
	for _, unit := range []string{"MiB", "Mi"} {
		if number, ok := cutSuffix(quantity, unit); ok {
			return number
		}
	}
	return 0
}

func cutSuffix(text, unit string) (number int, ok bool) {
	if len(text) <= len(unit) || text[len(text)-len(unit):] != unit {
		return 0, false
	}
	number, err := strconv.Atoi(text[:len(text)-len(unit)])
	return number, err == nil
}
