using System.CommandLine;
using VioActors.Switch.DataPlane;

namespace VioActors.Bench.Frames;

/// <summary>
/// One frame from a node's port through the tunnel to the other host's port, without system calls: check, look-up,
/// encode, seal, open, decode, look-up, deliver. Frames per second of one thread, and bytes allocated per frame.
/// </summary>
internal static class FramesBench
{
    private const int Batch = 64;
    private const int SliceBytes = SliceHeader.Bytes;
    private static readonly int[] Payloads = [64, 1400];

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "Rounds; sizes and controls alternate, and figures are medians over rounds.",
        HelpName = "n",
        DefaultValueFactory = _ => 7,
    };

    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "Length of each measurement in each round.",
        HelpName = "s",
        DefaultValueFactory = _ => 0.5,
    };

    /// <summary>The benchmark.</summary>
    public static Benchmark Create()
    {
        Rounds.Between(1, 1000);
        Seconds.Between(0.01, 60);
        return new Benchmark(
            "frames", "Frames per second through the tunnel's code, and what one allocates.", [Rounds, Seconds],
            run => Task.FromResult(Run(run)));
    }

    private static Figures Run(BenchRun run)
    {
        var figures = new Figures();
        var length = TimeSpan.FromSeconds(run.Parse.GetValue(Seconds));
        var cases = Payloads.Select(payload => new Case(payload, run.Time)).ToList();
        try
        {
            figures.Add("cipher", cases[0].Pair.Cipher.ToString(), "chosen as handshakes choose it here");
            // Round 0 warms the code up and does not count.
            for (var round = 0; round <= run.Parse.GetValue(Rounds); round++)
            {
                foreach (var one in cases)
                {
                    run.Cancel.ThrowIfCancellationRequested();
                    one.Measure(length, counts: round > 0);
                }

                run.Note($"round {round}: {string.Join(", ", cases.Select(one => one.Last))}");
            }

            foreach (var one in cases) one.Report(figures);
        }
        finally
        {
            foreach (var one in cases) one.Dispose();
        }

        return figures;
    }

    /// <summary>One size of frame with its controls.</summary>
    private sealed class Case : IDisposable
    {
        private readonly TimeProvider _time;
        private readonly int _payload;
        private readonly CountingSink _sink = new();
        private readonly FramePair _copying;
        private readonly CipherPair _cipher;
        private readonly List<double> _frames = [];
        private readonly List<double> _ciphers = [];
        private readonly List<double> _shares = [];
        private readonly List<double> _allocated = [];
        private readonly List<double> _allocatedByCopies = [];

        public Case(int payload, TimeProvider time)
        {
            (_payload, _time) = (payload, time);
            Pair = new FramePair(payload, time, _sink);
            _copying = new FramePair(payload, time, new CopyingSink());
            _cipher = new CipherPair(Pair.Cipher, SliceBytes + Limits.VnetHeaderBytes + 14 + payload);
        }

        public FramePair Pair { get; }

        public string Last { get; private set; } = "";

        public void Measure(TimeSpan length, bool counts)
        {
            var before = _sink.Count;
            var (frames, perSecond, bytes) = Repeat(length, Pair.Send, Pair.NextBatch);
            if (_sink.Count - before != frames)
                throw new BenchException($"{frames} frames were sent and {_sink.Count - before} arrived.");
            var (_, ciphers, _) = Repeat(length, _cipher.Pass, () => { });
            var (_, _, copied) = Repeat(length / 10, _copying.Send, _copying.NextBatch);
            Last = $"{_payload} B {perSecond:0} frames/s, cipher alone {ciphers:0}";
            if (!counts) return;
            _frames.Add(perSecond);
            _ciphers.Add(ciphers);
            _shares.Add(perSecond / ciphers);
            _allocated.Add(bytes);
            _allocatedByCopies.Add(copied);
        }

        public void Report(Figures figures)
        {
            var sent = Pair.Datagrams;
            Pair.Send();
            var perFrame = Pair.Datagrams - sent;
            var (frames, ciphers) = (Samples.Median(_frames), Samples.Median(_ciphers));
            figures.Add($"frames_per_s_{_payload}", frames, $"frames of {_payload} bytes behind Ethernet, one thread");
            figures.Add($"gbit_per_s_{_payload}", frames * (14 + _payload) * 8 / 1e9, "the same in Gbit/s of Ethernet");
            figures.Add($"datagrams_per_frame_{_payload}", perFrame, "at an underlay MTU of 1500");
            figures.Add($"allocated_per_frame_{_payload}", Samples.Median(_allocated), "bytes, sender and receiver");
            figures.Add(
                $"allocated_copying_{_payload}", Samples.Median(_allocatedByCopies), "control: a sink that copies");
            figures.Add($"cipher_per_s_{_payload}", ciphers, "control: seal and open alone, as many bytes");
            figures.Add(
                $"cipher_share_{_payload}", Samples.Median(_shares), "share of a frame's time that is the cipher's");
            figures.Add($"damaged_delivered_{_payload}", Damaged(), "control: of 64 frames with one bit turned");
            if (Samples.Median(_allocatedByCopies) < _payload)
                figures.Failure ??= "The control of allocations saw none: the counter sees nothing.";
        }

        public void Dispose()
        {
            Pair.Dispose();
            _copying.Dispose();
            _cipher.Dispose();
        }

        private long Damaged()
        {
            var before = _sink.Count;
            Pair.Damage = true;
            for (var i = 0; i < Batch; i++) Pair.Send();
            Pair.Damage = false;
            return _sink.Count - before;
        }

        private (long Count, double PerSecond, double BytesEach) Repeat(TimeSpan length, Action pass, Action batch)
        {
            long count = 0;
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var started = _time.GetTimestamp();
            while (_time.GetElapsedTime(started) < length)
            {
                batch();
                for (var i = 0; i < Batch; i++) pass();
                count += Batch;
            }

            var took = _time.GetElapsedTime(started).TotalSeconds;
            return (count, count / took, (double)(GC.GetAllocatedBytesForCurrentThread() - allocated) / count);
        }
    }
}
