using System.Text;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Switch;

/// <summary>
/// Two environments with equal addresses under load, a sniffer at every port: nodes 1 and 2 on one host, node 3 on the
/// other. VIO_ISOLATION_SECONDS makes it longer; a minute is the measure of a release.
/// </summary>
public class LoadedIsolationTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly (string Host, int Node)[] Nodes = [("a", 1), ("a", 2), ("b", 3)];

    private static int Seconds =>
        int.TryParse(Environment.GetEnvironmentVariable("VIO_ISOLATION_SECONDS"), out int seconds) ? seconds : 10;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EqualAddressesUnderLoadMeetOnlyWhenTheCheckIsOff(bool isolated)
    {
        await using SwitchLab lab = await SwitchLab.StartAsync(isolated);
        foreach ((string host, SwitchControlClient client) in (
            (string, SwitchControlClient)[])[("a", lab.A), ("b", lab.B)])
        {
            Assert.Empty((await client.ApplyAsync(
                new SwitchWantedState { Version = 1, Environments = [Wanted("astro", host), Wanted("boson", host)] },
                None)).Errors);
        }

        await lab.WaitUpAsync("astro");
        await lab.WaitUpAsync("boson");
        var sniffers = new List<Sniffer>();
        try
        {
            foreach (string environment in (string[])["astro", "boson"])
            {
                foreach ((string host, int node) in Nodes)
                {
                    string suffix = environment[..1] + node;
                    string guest = lab.AddGuest(host, suffix, node);
                    string[] others = [.. Nodes.Where(one => one.Node != node).Select(one => SwitchLab.Ip(one.Node))];
                    sniffers.Add(new Sniffer(
                        guest, SwitchLab.Mac(node), Mark(environment),
                        Mark(environment == "astro" ? "boson" : "astro"), others));
                }
            }

            await Task.WhenAll(sniffers.Select(one => one.Ready));
            int seconds = isolated ? Seconds : Math.Min(Seconds, 5);
            long start = TimeProvider.System.GetTimestamp();
            await Until.TrueAsync(
                () => $"every node hears its own: {string.Join(", ", sniffers.Select(one => one.OwnSeen))}",
                () => Task.FromResult(sniffers.All(one => one.OwnSeen > 1000)));
            await Until.TrueAsync(
                "the time is over", () => TimeProvider.System.GetElapsedTime(start).TotalSeconds > seconds,
                seconds + 60);
            SwitchStatus[] statuses = [await lab.A.StatusAsync(None), await lab.B.StatusAsync(None)];
            long foreign = sniffers.Sum(one => one.ForeignSeen), crossed = statuses.Sum(one => one.FramesCrossed);
            if (isolated)
            {
                Assert.Equal((0L, 0L), (foreign, crossed));
            }
            else
            {
                // The control: with the check off the same sniffers find frames of the other environment everywhere.
                Assert.All(sniffers, one => Assert.NotEqual(0, one.ForeignSeen));
                Assert.NotEqual(0, crossed);
            }
        }
        finally
        {
            foreach (Sniffer sniffer in sniffers)
                sniffer.Dispose();
        }
    }

    private static byte[] Mark(string environment) => Encoding.ASCII.GetBytes($"<<of {environment}>>");

    private static WantedEnvironment Wanted(string environment, string host) => new()
    {
        Id = environment,
        Members = SwitchLab.Members(),
        Ports =
        [
            .. Nodes.Where(one => one.Host == host)
                .Select(one => SwitchLab.Port($"{environment[..1]}{one.Node}", one.Node)),
        ],
        Table = [.. Nodes.Select(one => SwitchLab.Node(one.Node, one.Host))],
    };
}
