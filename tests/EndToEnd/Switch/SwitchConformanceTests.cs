using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Agent.Switching;
using VioActors.TestKit;

namespace VioActors.EndToEnd.Switch;

/// <summary>
/// The suite that the simulated data plane passes, over the real one: the agent's client, switchd, TAPs, tunnels, and
/// network namespaces as nodes.
/// </summary>
public class SwitchConformanceTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    public static TheoryData<string> Names => [.. Suite(null!, null!, null!, []).Cases.Select(one => one.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task ConformsAsync(string name)
    {
        await using SwitchLab lab = await SwitchLab.StartAsync();
        await Suite(lab, lab.AgentOf("a"), lab.AgentOf("b"), []).Cases.Single(one => one.Name == name).Run();
        foreach (string host in (string[])["a", "b"])
            Assert.DoesNotContain("vio", Shell.In(lab.Namespace(host), "ip", "-br", "link"));
    }

    private static DataPlaneConformance Suite(
        SwitchLab lab, SwitchdDataPlane a, SwitchdDataPlane b, Dictionary<NodeId, HostId> running) => new(
        new DataPlaneBench
        {
            First = new DataPlaneHost(new HostId("a"), SwitchLab.Endpoint("a"), a),
            Second = new DataPlaneHost(new HostId("b"), SwitchLab.Endpoint("b"), b),
            Start = async (host, environment, entry) =>
            {
                string guest = lab.AddGuest(
                    host.Value, Name(entry), entry.Node.InterfaceName('b'), entry.Node.InterfaceName('v'), entry.Mac,
                    entry.Ip);
                running.Add(entry.Node, host);
                if (entry.PreboundHost == host)
                    await ArriveAsync(host.Value == "a" ? a : b, environment, entry, guest);
            },
            Stop = entry =>
            {
                if (running.Remove(entry.Node, out HostId host))
                    lab.RemoveGuest(host.Value, Name(entry), entry.Node.InterfaceName('v'));
                return Task.CompletedTask;
            },
        });

    /// <summary>Announces the node as QEMU does, more than once because a link may lose its first frames.</summary>
    private static Task ArriveAsync(
        SwitchdDataPlane plane, EnvironmentId environment, SwitchEntry entry, string guest) =>
        Until.TrueAsync($"the port of node {entry.Node} opens", async () =>
        {
            RawFrame.Send(guest, "eth0", RawFrame.Rarp(entry.Mac));
            JsonElement status = await plane.StatusAsync(None);
            return status.GetProperty("environments").EnumerateArray()
                .Single(one => one.GetProperty("id").GetString() == environment.Value)
                .GetProperty("ports").EnumerateArray()
                .Single(port => port.GetProperty("node").GetString() == entry.Node.Value)
                .GetProperty("open").GetBoolean();
        });

    private static string Name(SwitchEntry entry) => "g" + entry.Node.InterfaceName('g')[3..9];
}
