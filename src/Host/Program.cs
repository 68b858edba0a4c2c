using System.CommandLine;
using VioActors.Daemon.Agent;
using VioActors.Daemon.Agent.Switching;
using VioActors.Daemon.Guest;
using VioActors.Daemon.Lab;

var root = new RootCommand("VioActors") { LabCommands.Create(), GuestCommands.Create(), AgentVerb.Create(), SwitchdVerb.Create() };

// Taking a lab down after Ctrl-C needs longer than the library's two seconds.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(60) };
return await root.Parse(args).InvokeAsync(configuration);
