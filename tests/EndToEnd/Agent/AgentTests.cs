using System.Collections.Immutable;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Guest;
using VioActors.Daemon.Lab;
using VioActors.Daemon.Shell;

namespace VioActors.EndToEnd.Agent;

/// <summary>
/// Real agents, switches, libvirtd and QEMU on two hosts in namespaces, with ports on vhost-user; only the site's
/// actors are missing.
/// </summary>
public sealed class AgentTests(ITestOutputHelper output)
{
    private static readonly EnvironmentId Environment = new("s1.e1");
    private static readonly HostId First = new("h-first");
    private static readonly HostId Second = new("h-second");

    [Fact]
    public async Task ANodeLivesMovesAndGoesAsync()
    {
        if (!System.Environment.IsPrivilegedProcess) Assert.Skip("needs root to make namespaces");
        if (!File.Exists("/usr/sbin/libvirtd")) Assert.Skip("/usr/sbin/libvirtd is missing");
        var cancel = TestContext.Current.CancellationToken;
        var image = await new GuestImageBuilder(new ProcessRunner(TimeProvider.System), GuestImageBuilder.DefaultCache)
            .BuildAsync(cancel);
        FakeSite? site = null;
        await using var lab = await new LabFactory(TimeProvider.System).UpAsync(
            new LabOptions(),
            async (up, _, _) =>
            {
                site = await FakeSite.StartAsync(up.Plan);
                foreach (var (machine, host) in up.Hosts.Zip([First, Second]))
                {
                    site.Join(machine, host);
                    await File.WriteAllTextAsync(Path.Combine(machine.ConfigDirectory, "agent.json"),
                        Config(up.Plan, machine), cancel);
                    up.Start(LabDefaults.Agent(machine, up.Program));
                }
            },
            new Progress<LabEvent>(step => output.WriteLine(step.ToString())), cancel);
        try
        {
            await ScenarioAsync(site!, lab, image);
        }
        finally
        {
            foreach (var log in Directory.EnumerateFiles(lab.Plan.LogDirectory, "*agent*"))
                output.WriteLine($"--- {log}\n{await File.ReadAllTextAsync(log, CancellationToken.None)}");
            await site!.DisposeAsync();
        }
    }

    private async Task ScenarioAsync(FakeSite site, LabInstance lab, GuestImage image)
    {
        var shape = SmallGuest.Of(site, image, NodeId.Of(Guid.NewGuid()), Environment);
        var move = OperationId.Of(Guid.NewGuid());
        await site.SwitchAsync(First, Wanted(lab, shape, 1, First, null));
        await site.SwitchAsync(Second, Wanted(lab, shape, 1, First, null));

        await DoneAsync(site, First, new PrepareNode { Node = shape.Node, Run = 1, Shape = shape });
        for (var i = 0; i < 2; i++)
            await DoneAsync(site, First, new StartNode { Node = shape.Node, Run = 1, Shape = shape });
        await DoneAsync(site, First, Ready(shape));
        var stale = await site.DoAsync(First, new StopNode { Node = shape.Node, Run = 0 + 1 }, generation: 0);
        Assert.Equal(FailureCode.StaleRun, stale.Failure?.Code);

        var resized = await DoneAsync(
            site, First,
            new ResizeNode { Node = shape.Node, Run = 1, MemoryMiB = 160, CpuWeight = 50, CpuQuotaPercent = 80 });
        Assert.InRange(resized.Observation!.ActualMemoryMiB!.Value, 1, 161);

        await site.SwitchAsync(First, Wanted(lab, shape, 2, First, Second));
        await site.SwitchAsync(Second, Wanted(lab, shape, 2, First, Second));
        var third = await site.DoAsync(First, Send(lab, shape, OperationId.Of(Guid.NewGuid())) with { Run = 2 });
        Assert.Equal("move-refused", third.Failure?.Code);
        await DoneAsync(site, Second,
            new ReceiveMove { Node = shape.Node, Run = 3, Move = move, Shape = shape, From = First });
        var moved = await DoneAsync(site, First, Send(lab, shape, move));
        output.WriteLine($"moved: {moved.Move}");
        Assert.True(moved.Move!.MemoryBytes > 0);
        Assert.Equal(NodePresence.Absent, moved.Observation!.Presence);
        var again = await DoneAsync(site, First, Send(lab, shape, move));
        Assert.Equal(moved.Move, again.Move);

        await site.SwitchAsync(Second, Wanted(lab, shape, 3, Second, null));
        await site.SwitchAsync(First, Wanted(lab, shape, 3, Second, null));
        await DoneAsync(site, Second, Ready(shape) with { Run = 3 });
        await DoneAsync(site, First, new RemoveNode { Node = shape.Node, Run = 4 });

        await lab.KillAsync("h2/agent");
        var seen = await DoneAsync(site, Second, new ObserveNode { Node = shape.Node });
        Assert.Equal((NodePresence.Running, 3), (seen.Observation!.Presence, seen.Observation.Run));
        await KillSwitchAsync(lab);
        await DoneAsync(site, Second, Ready(shape) with { Run = 3 });

        await DoneAsync(site, Second, new StopNode { Node = shape.Node, Run = 4, GraceSeconds = 1 });
        var gone = await DoneAsync(site, Second, new RemoveNode { Node = shape.Node, Run = 5 });
        Assert.Equal(NodePresence.Absent, gone.Observation!.Presence);
    }

    private static async Task KillSwitchAsync(LabInstance lab)
    {
        var path = Path.Combine(lab.Hosts[1].RunDirectory, "switchd.pid");
        var living = PidRecord.Load(path);
        Assert.True(living?.IsAlive, "the switch of h2 outlived its agent");
        using var process = System.Diagnostics.Process.GetProcessById(living!.Value.Pid);
        process.Kill();
        await Until.TrueAsync("the killed switch of h2 ended", () => !living.Value.IsAlive);
    }

    private async Task<AgentOutcome> DoneAsync(FakeSite site, HostId host, AgentCommand command)
    {
        var outcome = await site.DoAsync(host, command);
        output.WriteLine(
            $"{host} {command.GetType().Name}: {outcome.Failure?.ToString() ?? "done"} {outcome.Observation}");
        Assert.Null(outcome.Failure);
        return outcome;
    }

    private static AwaitReady Ready(NodeShape shape) =>
        new() { Node = shape.Node, Run = 1, Environment = Environment, Ip = "10.10.0.11", TimeoutSeconds = 90 };

    private static SendMove Send(LabInstance lab, NodeShape shape, OperationId move) => new()
    {
        Node = shape.Node,
        Run = 3,
        Move = move,
        Shape = shape,
        To = Second,
        ToEndpoint = $"{lab.Hosts[1].Address}:7403",
    };

    private static SwitchWanted Wanted(LabInstance lab, NodeShape shape, long version, HostId at, HostId? next) => new()
    {
        Generation = 1,
        Version = version,
        Environments =
        [
            new SwitchEnvironment
            {
                Environment = Environment, Subnet = "10.10.0.0/24",
                Members =
                [
                    new SwitchMember(First, $"{lab.Hosts[0].Address}:7402", "52:54:00:00:ff:01", "10.10.0.241"),
                    new SwitchMember(Second, $"{lab.Hosts[1].Address}:7402", "52:54:00:00:ff:02", "10.10.0.242"),
                ],
                Entries = [new SwitchEntry(shape.Node, shape.Mac, "10.10.0.11", at, next, version)],
            },
        ],
    };

    private static string Config(LabPlan plan, LabMachine machine) => JsonSerializer.Serialize(new
    {
        name = machine.Name,
        memoryMiB = 2048,
        cores = 1,
        accelerator = "tcg",
        nodePorts = "vhost-user",
        switchListen = $"{machine.Address}:7402",
        moveListen = $"{machine.Address}:7403",
        switchd = new { uid = plan.UserId, gid = plan.UserId },
    });
}
