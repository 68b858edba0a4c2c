using System.Net.Sockets;
using System.Text;

namespace VioActors.Switch.DataPlane.Tests;

/// <summary>
/// A million inputs from the network, from hosts with valid keys, from nodes and from the control socket: no exception,
/// no growth, no frame of one environment in the other. VIO_FUZZ_SEED gives other inputs.
/// </summary>
[Collection(Alone.Name)]
public sealed class FuzzTests
{
    private const int Datagrams = 400_000;
    private const int Sealed = 150_000;
    private const int NodeFrames = 300_000;
    private const int ControlMessages = 150_000;
    private const long MaxGrowthBytes = 24 * 1024 * 1024;
    private static readonly int Seed =
        int.TryParse(Environment.GetEnvironmentVariable("VIO_FUZZ_SEED"), out int seed) ? seed : 20260504;

    [Fact]
    public void AMillionInputsBreakNothing()
    {
        using var rig = new FuzzRig(Seed);
        Run(rig, 5000);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Run(rig, Datagrams + Sealed + NodeFrames);
        long after = GC.GetTotalMemory(forceFullCollection: true);
        Assert.True(after - before < MaxGrowthBytes, $"{(after - before) >> 10} KiB more than before, seed {Seed}");
        Assert.Equal(0, rig.Crossed);
        Assert.True(rig.Delivered > 100_000,
            $"only {rig.Delivered} frames arrived: most inputs end at the first check");
        foreach (TestHost host in (TestHost[])[rig.A, rig.B])
        {
            Assert.InRange(host.Core.Sessions.Count, 2, 2 * Limits.MaxSessionsPerPeer);
            Assert.All(host.Core.Environments.Values, one => Assert.Single(one.Peers));
        }

        AssertReached(rig);

        // And still the nodes reach each other.
        long delivered = rig.Delivered;
        rig.Network.Pass(20_000);
        rig.TalkSense();
        Assert.True(rig.Delivered >= delivered + 4);
    }

    [Fact]
    public void ControlMessagesOfAnySortAreMessagesOrRefused()
    {
        var random = new Random(Seed);
        byte[][] corpus = [.. Corpus().Select(ControlStream.Encode)];
        (int accepted, int applied, int refused) = (0, 0, 0);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        using var rig = new FuzzRig(Seed);
        for (int i = 0; i < ControlMessages; i++)
        {
            byte[] bytes = MutatedText(random, corpus[random.Next(corpus.Length)], corpus);
            try
            {
                ControlMessage message = ControlStream.Decode(bytes);
                accepted++;
                if (message is TraceStart trace)
                    TraceFilter.Parse(trace.Filter, out _);
                if (message is not ApplyRequest apply)
                    continue;
                StatePlan plan = new StatePlanner("a", AddressFamily.InterNetwork).Plan(apply.State);
                if (applied++ % 20 == 0)
                    CoreConfiguration.Configure(rig.B.Core, plan);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"input {i} of seed {Seed}: {e}\n{Encoding.UTF8.GetString(bytes)}");
            }
        }

        Assert.True(accepted > ControlMessages / 10 && applied > ControlMessages / 50 && refused > ControlMessages / 10,
            $"{accepted} accepted, {applied} applied, {refused} refused");
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < MaxGrowthBytes);
    }

    /// <summary>The control: the same inputs find what is broken on purpose.</summary>
    [Fact]
    public void TheSameInputsFindASwitchWithoutItsCheck()
    {
        using var rig = new FuzzRig(Seed, isolated: false);
        Run(rig, 20_000);
        Assert.NotEqual(0, rig.Crossed);
    }

    /// <summary>The control: a sink that throws on a rare frame is found, with the input's number.</summary>
    [Fact]
    public void TheSameInputsFindAParserThatThrows()
    {
        using var rig = new FuzzRig(Seed);
        CoreConfiguration.RemovePort(rig.B.Core, "astro", rig.Ports[(rig.B, "astro")].Port);
        CoreConfiguration.AddPort(rig.B.Core, "astro", new PortPlan(
            "ab", "br", "n", Sample.Mac(Sample.Mac2), Sample.Ip(Sample.Ip2), true, 1500), new FragileSink());
        Assert.Contains("input ", Assert.Throws<InvalidOperationException>(() => Run(rig, 50_000)).Message);
    }

    private static void Run(FuzzRig rig, int inputs)
    {
        for (int i = 0; i < inputs; i++)
        {
            try
            {
                int kind = rig.Random.Next(Datagrams + Sealed + NodeFrames);
                if (kind < Datagrams)
                {
                    (TestHost to, byte[] from, byte[] bytes) = rig.NextDatagram();
                    to.Core.FromNetwork(bytes, from);
                }
                else if (kind < Datagrams + Sealed)
                {
                    rig.SendSealed();
                }
                else
                {
                    rig.SendFromNode();
                }

                if (i % 64 == 0)
                    rig.Network.Pass(SwitchCore.TickMs);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"input {i} of seed {Seed}: {e.Message}", e);
            }
        }
    }

    // Inputs that all end at the first check would prove nothing.
    private static void AssertReached(FuzzRig rig)
    {
        Dictionary<string, long> peer = rig.B.Peer("astro", rig.A).Counters.Snapshot();
        foreach (string counter in (string[])
            ["dropForged", "dropReplayed", "dropBadMessage", "dropRunt", "dropNotListed", "handshakesCompleted",
                "framesIn"])
            Assert.True(peer[counter] > 0, counter);
        Dictionary<string, long> port = rig.Ports[(rig.A, "astro")].Port.Counters.Snapshot();
        foreach (string counter in (string[])
            ["dropSpoofedMac", "dropSpoofedIp", "dropSpoofedArp", "dropMalformed", "dropUnknownUnicast", "arpAnswered",
                "announcements", "neighborsAnswered", "servicesAnswered", "addressesChosen",
                "dropUnsettledAddress", "dropTooManyAddresses"])
            Assert.True(port[counter] > 0, counter);
        Assert.True(rig.Ports[(rig.B, "astro")].Port.Counters[PortCount.AddressesDefended] > 0);
        foreach (SwitchEnvironment environment in rig.A.Core.Environments.Values.Concat(
            rig.B.Core.Environments.Values))
        {
            Assert.All(environment.Entries, entry => Assert.InRange(
                environment.LinkLocals.Of(entry.Mac).Length, 0, Limits.LinkLocalsPerNode));
        }

        Assert.True(rig.B.Core.Counters.Snapshot()["dropGarbage"] > 0);
        Assert.True(rig.B.Core.ReassemblyAbandoned + rig.B.Core.ReassemblyContradictions > 0);
    }

    private static WantedPort Port { get; } = new()
    {
        Tap = "viot1",
        Bridge = "viob1",
        Node = "id-1",
        Mac = Sample.Mac1,
        Ip = Sample.Ip1,
        FromNodeKbps = 1000,
    };

    private static IEnumerable<ControlMessage> Corpus()
    {
        yield return ControlHello.Of("fuzz");
        yield return new StatusRequest { Id = 3 };
        yield return new TraceStart("viot1", 100, "udp and port 53 and not host 10.1.0.1");
        yield return new TraceRead(1, 1000);
        yield return new DropsRequest("viot1", 0, 100);
        yield return new PingRequest("astro", "10.1.0.1", 10, 5, 100);
        yield return new IdentityInstall(1, [1, 2, 3], "-----BEGIN CERTIFICATE-----");
        for (int i = 0; i < 6; i++)
        {
            yield return new ApplyRequest(new SwitchWantedState
            {
                Version = i,
                Environments = [FuzzRig.Wanted("astro") with { Ports = [Port] }, FuzzRig.Wanted("boson")],
            });
        }
    }

    private static byte[] MutatedText(Random random, byte[] from, byte[][] corpus)
    {
        string[] values = ["-1", "0", "null", "99999999999999999999", "\"\"", "[]", "{}",
            "1e308", "\"\\u0000\"", "true"];
        var bytes = new List<byte>(from);
        for (int times = random.Next(4); times > 0 && bytes.Count > 2; times--)
        {
            int at = random.Next(bytes.Count), length = Math.Min(random.Next(20), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 3:
                    byte[] other = corpus[random.Next(corpus.Length)];
                    int start = random.Next(other.Length);
                    bytes.InsertRange(at, other[start..Math.Min(other.Length, start + random.Next(60))]);
                    break;
                default:
                    ReplaceValue(random, bytes, Encoding.ASCII.GetBytes(values[random.Next(values.Length)]));
                    break;
            }
        }

        return [.. bytes];
    }

    // Puts another value behind a colon, so that the text is still JSON.
    private static void ReplaceValue(Random random, List<byte> bytes, byte[] value)
    {
        int colon = bytes.IndexOf((byte)':', random.Next(bytes.Count));
        if (colon < 0)
            return;
        int end = colon + 1;
        while (end < bytes.Count && bytes[end] is not ((byte)',' or (byte)'}' or (byte)'[' or (byte)'{'))
            end++;
        bytes.RemoveRange(colon + 1, end - colon - 1);
        bytes.InsertRange(colon + 1, value);
    }

    private sealed class FragileSink : IFrameSink
    {
        public bool Write(ReadOnlySpan<byte> superFrame) => superFrame[1] is > 0 and < 200
            ? throw new ArgumentOutOfRangeException(nameof(superFrame))
            : true;
    }
}
