package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// RunExecutable has further operations run an executable in the place of Options.Program: another version of it, whose
// main calls pulumi.Run. env is added to its environment.
func (s *Stack) RunExecutable(path string, env ...string) {
	s.engine.executable = &executable{path: path, env: env}
}

// ReloadSettings copies the project's settings again: what was edited since Open counts from the next operation on. It
// returns the folder of the copy, which is what is deployed, whoever edits the project's files meanwhile.
func (s *Stack) ReloadSettings() (folder string, err error) {
	return s.folders.work, copySettings(s.options.Project, s.options.Name, s.folders.work)
}

// executable is a language runtime for one program, which runs as a process.
type executable struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	path string
	env  []string
}

const clientFlag = "--client="

// serve returns the arguments of the CLI with which it runs the executable, until stop is called.
func (e *executable) serve(args []string) (changed []string, stop func(), err error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("serving the program: %w", err)
	}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(largestMessage))
	pulumirpc.RegisterLanguageRuntimeServer(server, e)
	go func() { _ = server.Serve(listener) }() // it ends with Stop
	for _, arg := range args {
		if strings.HasPrefix(arg, clientFlag) {
			arg = clientFlag + listener.Addr().String()
		}
		changed = append(changed, arg)
	}
	return changed, server.Stop, nil
}

// largestMessage is the limit of the engine's own messages, in bytes (pulumi, sdk/go/common/util/rpcutil).
const largestMessage = 400 << 20

// loggedError is the exit code of a program that has told the engine what is wrong (pulumi, sdk/go/pulumi/run.go).
const loggedError = 32

// Run runs the program as the language host for Go does.
func (e *executable) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	config, err := json.Marshal(req.GetConfig())
	if err != nil {
		return nil, err
	}
	secretKeys, err := json.Marshal(req.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	engine := ""
	if len(req.GetArgs()) > 0 {
		engine = req.GetArgs()[0]
	}
	cmd := exec.CommandContext(ctx, e.path)
	cmd.Dir = req.GetPwd()
	cmd.Env = append(os.Environ(), e.env...)
	for name, value := range map[string]string{
		pulumi.EnvProject: req.GetProject(), pulumi.EnvStack: req.GetStack(), pulumi.EnvOrganization: req.GetOrganization(),
		pulumi.EnvConfig: string(config), pulumi.EnvConfigSecretKeys: string(secretKeys),
		pulumi.EnvDryRun: strconv.FormatBool(req.GetDryRun()), pulumi.EnvParallel: strconv.Itoa(int(req.GetParallel())),
		pulumi.EnvMonitor: req.GetMonitorAddress(), pulumi.EnvEngine: engine,
	} {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	output, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case errors.As(err, &exit) && exit.ExitCode() == loggedError:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case len(output) > 0:
		return &pulumirpc.RunResponse{Error: strings.TrimSpace(string(output))}, nil
	}
	return &pulumirpc.RunResponse{Error: err.Error()}, nil
}

// The engine asks for nothing else that a program of this project has.

func (e *executable) GetRequiredPlugins(context.Context, *pulumirpc.GetRequiredPluginsRequest) (*pulumirpc.GetRequiredPluginsResponse, error) {
	return &pulumirpc.GetRequiredPluginsResponse{}, nil
}

func (e *executable) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "1.0.0"}, nil
}

func (e *executable) InstallDependencies(*pulumirpc.InstallDependenciesRequest, pulumirpc.LanguageRuntime_InstallDependenciesServer) error {
	return nil
}
