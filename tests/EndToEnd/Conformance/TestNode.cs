using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Demo;
using VioActors.Daemon.Lab;
using VioActors.Daemon.Shell;
using VioActors.EndToEnd.Libvirt;

namespace VioActors.EndToEnd.Conformance;

/// <summary>When a node's QEMU is stopped, so that a step which asks it for something cannot end.</summary>
internal enum Freeze
{
    /// <summary>Not at all.</summary>
    Never,

    /// <summary>Before the step.</summary>
    Before,

    /// <summary>In the step, which starts it.</summary>
    AsSoonAsItExists,
}

/// <summary>One node of a test whose hosts lose their libvirtd: commands are sent, interrupted and repeated.</summary>
internal sealed class TestNode(AgentLab lab, ITestOutputHelper output, NodeShape shape)
{
    private long _run;

    public NodeShape Shape => shape;

    public NodeId Id => shape.Node;

    /// <summary>
    /// Sends a command and kills a libvirtd while it is carried out. A failure has to say clearly what happened.
    /// </summary>
    /// <param name="host">Who gets the command.</param>
    /// <param name="command">The command.</param>
    /// <param name="dies">Whose libvirtd is killed.</param>
    /// <param name="freeze">What keeps the command from ending early.</param>
    /// <param name="middle">Ends when it is time; by default that is when the agent has noted the command.</param>
    public async Task<AgentOutcome> InterruptAsync(
        HostId host, AgentCommand command, HostId dies, Freeze freeze = Freeze.Never, Func<Task>? middle = null)
    {
        if (freeze == Freeze.Before) await SignalAsync(host, "STOP");
        var numbered = command with { Run = ++_run };
        var doing = lab.Site.DoAsync(host, numbered);
        await (middle?.Invoke() ?? NotedAsync(host));
        if (freeze == Freeze.AsSoonAsItExists) await SignalAsync(host, "STOP");
        var underWay = !doing.IsCompleted;
        var name = $"{lab.MachineOf(dies).Name}/libvirtd";
        var killed = lab.Lab.PidOf(name);
        await lab.Lab.KillAsync(name);
        Assert.True(freeze == Freeze.Never || underWay, $"{command.GetType().Name} had ended before the kill");
        await Until.TrueAsync(
            $"{name} is another", () => lab.Lab.PidOf(name) is { } pid && pid != killed);
        if (freeze != Freeze.Never) await SignalAsync(host, "CONT");
        var outcome = await doing;
        Tell(host, numbered, outcome, underWay ? "interrupted" : "ended before the kill");
        return outcome;
    }

    /// <summary>Sends a command again and again until it is done; every failure has to be clear.</summary>
    public async Task<AgentOutcome> UntilDoneAsync(HostId host, AgentCommand command)
    {
        var numbered = command is ObserveNode ? command : command with { Run = ++_run };
        var outcome = new AgentOutcome();
        await Until.TrueAsync(
            () => $"{command.GetType().Name} of node {Id} on host {host}: {outcome.Failure}",
            async () =>
            {
                outcome = await lab.Site.DoAsync(host, numbered);
                Tell(host, numbered, outcome, "");
                return outcome.Failure is null;
            });
        return outcome;
    }

    /// <summary>The host sees the node so, and QEMU runs it so often on the whole machine.</summary>
    public async Task ExpectAsync(HostId host, NodePresence presence, int copies)
    {
        var seen = "nothing";
        await Until.TrueAsync(
            () => $"node {Id} is {presence} on host {host} in {copies} copies, last seen: {seen}",
            async () =>
            {
                var outcome = await UntilDoneAsync(host, new ObserveNode { Node = Id });
                var running = ProcessTable.CountUuid(Id.Value);
                seen = $"{outcome.Observation!.Presence} in {running}";
                return outcome.Observation.Presence == presence && running == copies;
            },
            seconds: 30);
    }

    /// <summary>Removes it from both hosts and looks for what may be left.</summary>
    public async Task RemoveEverywhereAsync()
    {
        foreach (var host in (HostId[])[lab.First, lab.Second])
        {
            await UntilDoneAsync(host, new RemoveNode { Node = Id });
            await ExpectAsync(
                host, NodePresence.Absent, copies: host == lab.First ? ProcessTable.CountUuid(Id.Value) : 0);
            var machine = lab.MachineOf(host);
            string[] places =
            [
                Path.Combine(machine.RunDirectory, "move"), Path.Combine(machine.StateDirectory, "nodes"),
                Path.Combine(Path.GetDirectoryName(machine.LibvirtSocketPath)!, "qemu"),
            ];
            Assert.Equal([], places.Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries)
                .Where(path => Path.GetFileName(path) is var name
                    && (name.Contains(Id.Value, StringComparison.Ordinal)
                        || name.Contains(Id.DomainName, StringComparison.Ordinal))));
            Assert.DoesNotContain(
                Cgroups.Detect().Groups(machine.Namespace),
                group => group.Contains(Id.DomainName, StringComparison.Ordinal));
        }
    }

    private Task NotedAsync(HostId host)
    {
        var path = Path.Combine(lab.MachineOf(host).StateDirectory, "runs", Id.Value + ".json");
        return Until.TrueAsync(
            $"the agent of host {host} has noted run {_run} of node {Id}",
            async () => File.Exists(path)
                && (await File.ReadAllTextAsync(path)).Contains($"\"run\":{_run}", StringComparison.Ordinal));
    }

    private async Task SignalAsync(HostId host, string signal)
    {
        PidRecord? machine = null;
        await Until.TrueAsync($"QEMU of node {Id} exists on host {host}", () =>
        {
            machine = ProcessTable.Find(lab.MachineOf(host).Namespace, Id.Value);
            return machine is not null;
        });
        await Tool.RunAsync("sh", "-c", "kill -\"$1\" \"$2\"", "signal", signal, $"{machine!.Value.Pid}");
    }

    private void Tell(HostId host, AgentCommand command, AgentOutcome outcome, string when)
    {
        var said = outcome.Failure?.ToString() ?? "done";
        output.WriteLine($"{host} {command.GetType().Name} {when}: {said} {outcome.Observation?.Presence}");
        if (outcome.Failure is null) return;
        Assert.Contains("libvirtd", said, StringComparison.Ordinal);
        Assert.Contains($"host {lab.MachineOf(host).Name}", said, StringComparison.Ordinal);
    }
}
