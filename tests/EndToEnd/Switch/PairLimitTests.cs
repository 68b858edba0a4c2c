using System.Diagnostics;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Agent.Switching;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Switch;

/// <summary>A limit as the site words it, translated as the agent does, between guests that send what they can.
/// </summary>
public class PairLimitTests
{
    private const int RateKbit = 100_000;
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly NodeId First = NodeId.Of(new Guid(1, 0, 0, new byte[8]));
    private static readonly NodeId Second = NodeId.Of(new Guid(2, 0, 0, new byte[8]));

    [Theory]
    [InlineData(false, false, 1)]
    [InlineData(true, false, 1)]
    [InlineData(false, true, 1)]
    [InlineData(false, false, 2)]
    public async Task ALimitOfTheSiteHoldsBetweenGuests(bool onOneHost, bool ofOneNode, int lanes)
    {
        await using SwitchLab lab = await SwitchLab.StartAsync(lanes: lanes);
        string second = onOneHost ? "a" : "b";
        await ApplyAsync(lab, second, 1, ofOneNode
            ? new SwitchLimit(Second, Second: null, RateKbit) : SwitchLimit.Of(Second, First, RateKbit));
        string g1 = lab.AddGuest("a", "g1", First.InterfaceName('b'), "qa1", SwitchLab.Mac(1), SwitchLab.Ip(1));
        string g2 = lab.AddGuest(second, "g2", Second.InterfaceName('b'), "qa2", SwitchLab.Mac(2), SwitchLab.Ip(2));
        if (!onOneHost)
            await lab.WaitUpAsync("e-1");
        Shell.In(g1, "busybox", "ping", "-c", "1", "-w", "10", SwitchLab.Ip(2));
        int flows = lanes == 1 ? 1 : 16;
        using Process server = Start(g2, "iperf3", "-s", "-1");
        using Process client = Start(
            g1, "busybox", "sh", "-c",
            $"for i in 1 2 3 4 5; do iperf3 -c {SwitchLab.Ip(2)} -t 8 -P {flows} && break; sleep 1; done");
        try
        {
            double limited = await RateAsync(lab, second);
            Assert.InRange(limited, RateKbit * 0.95, RateKbit * 1.05);
            Assert.All((await lab.A.StatusAsync(None)).Lanes, lane => Assert.NotEqual(0, lane.FramesFromNodes));
            if (!ofOneNode)
                await AssertSeenAsync(lab);

            // The control: without the limit the same guests send much more.
            await ApplyAsync(lab, second, 2, null);
            double free = await RateAsync(lab, second);
            Assert.True(free > 2.5 * RateKbit, $"{free:0} kbit/s");
        }
        finally
        {
            client.Kill(entireProcessTree: true);
            server.Kill(entireProcessTree: true);
        }
    }

    private static async Task AssertSeenAsync(SwitchLab lab)
    {
        PairStatus pair = (await lab.A.StatusAsync(None)).Environments[0].Pairs.Single(
            one => one.From == First.Value && one.To == Second.Value);
        Assert.Equal(RateKbit * 125L, pair.LimitBytesPerSecond);
        Assert.NotEqual(0, pair.FramesHeldBack);
    }

    private static async Task ApplyAsync(SwitchLab lab, string second, long version, SwitchLimit? limit)
    {
        foreach ((string host, SwitchControlClient client) in (
            (string, SwitchControlClient)[])[("a", lab.A), ("b", lab.B)])
        {
            var wanted = new SwitchWanted
            {
                Generation = 1,
                Version = version,
                Environments =
                [
                    new Contracts.Agents.SwitchEnvironment
                    {
                        Environment = EnvironmentId.From("e-1"),
                        Subnet = "10.1.0.0/16",
                        Members =
                        [
                            .. SwitchLab.Members().Select(member => new SwitchMember(
                                new HostId(member.Host), member.Endpoint, member.ProberMac!, member.ProberIp!)),
                        ],
                        Entries =
                        [
                            new SwitchEntry(First, SwitchLab.Mac(1), SwitchLab.Ip(1), new HostId("a"), null, 1),
                            new SwitchEntry(Second, SwitchLab.Mac(2), SwitchLab.Ip(2), new HostId(second), null, 1),
                        ],
                        Limits = limit is null ? [] : [limit],
                    },
                ],
            };
            ApplyReply reply = await client.ApplyAsync(
                SwitchTranslation.Translate(wanted, new HostId(host), SwitchLab.Endpoint(host)), None);
            Assert.Empty(reply.Errors);
        }
    }

    /// <summary>kbit/s of frames to the second guest, over some seconds after it got the first.</summary>
    private static async Task<double> RateAsync(SwitchLab lab, string second)
    {
        SwitchControlClient client = second == "a" ? lab.A : lab.B;
        async Task<long> Bytes() => (await client.StatusAsync(None)).Environments[0].Ports
            .Single(port => port.Node == Second.Value).Counters["bytesToNode"];
        long start = await Bytes();
        await Until.TrueAsync("the guests send", async () => await Bytes() > start + 2_000_000, 20);
        (long bytes, long at) = (await Bytes(), TimeProvider.System.GetTimestamp());
        await Until.TrueAsync(
            "two seconds have passed", () => TimeProvider.System.GetElapsedTime(at).TotalSeconds > 2);
        (long later, TimeSpan passed) = (await Bytes(), TimeProvider.System.GetElapsedTime(at));
        return (later - bytes) * 8 / 1000.0 / passed.TotalSeconds;
    }

    private static Process Start(string networkNamespace, params string[] command)
    {
        var start = new ProcessStartInfo("ip") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (string argument in (string[])["netns", "exec", networkNamespace, .. command])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
