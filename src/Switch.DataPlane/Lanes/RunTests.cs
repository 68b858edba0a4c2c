using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The self-test of runs between two switches: one side sends sealed datagrams one by one, in a short run and in a long
/// one, the other counts what arrived and says so. <see cref="RunPolicy"/> decides. The test has an address object of
/// its own, so that runs are tried while they are off for data.
/// </summary>
internal sealed class RunTests(SwitchCore core)
{
    /// <summary>Of a test datagram: kind, test, group; zeros follow.</summary>
    public const int TestHeaderBytes = 4;

    /// <summary>What arrived: kind, test, one count per group.</summary>
    public const int ReportBytes = 3 + Groups;
    private const int Groups = 3;
    private const int SingleGroup = 0;
    private const int ShortGroup = 1;
    private const int LongGroup = 2;

    /// <summary>Bytes of a test datagram; with its headers it passes every path that is allowed.</summary>
    private const int TestBytes = 1100;

    private const int AnswerMs = 2000;
    private const int CountMs = 300;

    /// <summary>Starts, judges and answers what is due with one host.</summary>
    public void Tick(PeerTunnel peer)
    {
        RunTest test = peer.RunTest;
        if (test.ReportAtMs is { } due && core.NowMs >= due)
            Report(peer, test);
        if (peer.Current is not { } session || !session.Understands(TunnelCapabilities.RunTests))
            return;

        // What goes through a relay leaves on the path to the relay, which has its own test.
        if (peer.Path is not { Via: null, FirstHop: { IsNone: false, Stream: null } path })
            return;
        if (!ReferenceEquals(test.Path, path))
            test.Begin(path, core.NowMs);
        if (test.Probe is null && core.NowMs >= test.NextMs)
            Send(peer, session, test);
        else if (test.Probe is not null && core.NowMs >= test.NextMs)
            Judge(test, policy => policy.Unanswered());
    }

    /// <summary>A test datagram of the peer.</summary>
    public void Count(PeerTunnel peer, ReadOnlySpan<byte> text)
    {
        RunTest test = peer.RunTest;
        ushort id = BinaryPrimitives.ReadUInt16BigEndian(text[1..]);
        if (text[3] >= Groups)
            return;
        if (test.ReportAtMs is null || test.CountedId != id)
        {
            test.CountedId = id;
            test.Counted.AsSpan().Clear();
            test.ReportAtMs = core.NowMs + CountMs;
        }

        if (test.Counted[text[3]] < byte.MaxValue)
            test.Counted[text[3]]++;
    }

    /// <summary>The peer says what arrived.</summary>
    public void Take(PeerTunnel peer, ReadOnlySpan<byte> text)
    {
        RunTest test = peer.RunTest;
        if (test.Probe is not { } probe || BinaryPrimitives.ReadUInt16BigEndian(text[1..]) != test.Id)
            return;
        (int singles, int shortRun, int longRun) = (text[3], text[4], text[5]);
        Judge(test, policy =>
        {
            // What the kernel refused went one by one and says nothing about runs.
            if (probe.TakesRuns)
                policy.Arrived(singles, shortRun, longRun);
            else
                policy.Refused();
        });
        if (!test.Policy.TakesRuns)
            peer.Counters.Add(TunnelCount.RunTestsFailed);
    }

    private void Judge(RunTest test, Action<RunPolicy> tell)
    {
        bool refused = test.Probe is { TakesRuns: false };
        tell(test.Policy);
        test.Probe = null;
        test.NextMs = core.NowMs + test.Policy.NextMs;
        test.Path!.TakesRuns = test.Policy.TakesRuns;
        test.Path.LeastRun = test.Policy.LeastRun;
        test.Path.FailedTest = !test.Policy.TakesRuns && !refused;
    }

    private void Send(PeerTunnel peer, TunnelSession session, RunTest test)
    {
        // The kernel may have refused a run of data since the last test.
        if (!test.Path!.TakesRuns && test.Policy.TakesRuns)
        {
            test.Policy.Refused();
            test.NextMs = core.NowMs + test.Policy.NextMs;
            return;
        }

        test.Id++;
        test.Probe = SocketAddress.From(test.Path.EndPoint);
        test.NextMs = core.NowMs + AnswerMs;
        peer.Counters.Add(TunnelCount.RunTestsOut);

        // In turns, so that a short queue on the path is not always full when the runs come.
        bool singlesFirst = test.Id % 2 == 0;
        if (singlesFirst)
            SendSingles(peer, session, test, TestBytes - RunPolicy.Singles);
        for (int i = 0; i < RunPolicy.Long; i++)
            core.Sender.SendTest(peer, session, test.Probe, test.Id, LongGroup, TestBytes);
        for (int i = 0; i < RunPolicy.Short; i++)
            core.Sender.SendTest(peer, session, test.Probe, test.Id, ShortGroup, TestBytes + 1);
        if (!singlesFirst)
            SendSingles(peer, session, test, TestBytes + 2);
    }

    // What is longer than the one before begins a new run: so these go one by one, and the runs stay apart.
    private void SendSingles(PeerTunnel peer, TunnelSession session, RunTest test, int length)
    {
        for (int i = 0; i < RunPolicy.Singles; i++)
            core.Sender.SendTest(peer, session, test.Probe!, test.Id, SingleGroup, length + i);
    }

    private void Report(PeerTunnel peer, RunTest test)
    {
        test.ReportAtMs = null;
        core.Sender.SendTestReport(peer, test.CountedId, test.Counted);
    }
}

/// <summary>The test of the path to one host, and the counts for that host's test. Lane thread only.</summary>
internal sealed class RunTest
{
    public RunPolicy Policy { get; private set; } = new();

    /// <summary>The address that the policy is about; null before the first session.</summary>
    public SocketAddress? Path { get; private set; }

    /// <summary>The same for the test that is under way; null while none is.</summary>
    public SocketAddress? Probe { get; set; }

    /// <summary>When the next test starts, or this one is given up.</summary>
    public long NextMs { get; set; }

    public ushort Id { get; set; }

    /// <summary>The peer's test that is being counted.</summary>
    public ushort CountedId { get; set; }

    public byte[] Counted { get; } = new byte[3];

    public long? ReportAtMs { get; set; }

    /// <summary>A new address is a new path: nothing is known of it.</summary>
    public void Begin(SocketAddress path, long nowMs)
    {
        Policy = new RunPolicy();
        Path = path;
        Probe = null;
        NextMs = nowMs + Policy.NextMs;
    }
}
