using VioActors.Contracts.Api;
using VioActors.Switch.DataPlane;

namespace VioActors.Daemon.Cli.Switches;

/// <summary>One trace from its start to its end: frames go to a pcap file, or to people line by line.</summary>
internal static class TraceRun
{
    private const int WaitMs = 1000;

    /// <summary>Runs until the count is reached, the port is gone, or Ctrl-C.</summary>
    public static async Task<int> RunAsync(
        CliSession session, ISwitchView view, TraceStart request, string? file, int? count)
    {
        await using var stream = Open(session, file);
        var pcap = stream is null ? null : new PcapWriter(stream);
        var started = await view.StartTraceAsync(request, session.Cancel);
        session.Out.Note($"Tracing {started.Tap}; Ctrl-C ends it.");
        pcap?.WriteHeader(request.SnapLength);
        stream?.Flush();
        var sum = new Sum();
        try
        {
            await ReadAsync(session, view, started.Trace, count, frame =>
            {
                sum.Add(frame);
                if (pcap is not null) pcap.Write(frame);
                else Show(session, frame);
            }, () => stream?.Flush(), sum);
        }
        catch (OperationCanceledException) when (session.Cancel.IsCancellationRequested)
        {
            // Ctrl-C is how it ends.
        }
        catch (IOException full) when (stream is not null)
        {
            throw new UsageException(
                $"'{file}' takes nothing more: {full.Message}", "Look for room, or a closed pipe.");
        }
        finally
        {
            await TryStopAsync(view, started.Trace);
        }

        session.Out.Note(sum.ToString());
        return ExitCode.Done;
    }

    private static async Task ReadAsync(
        CliSession session, ISwitchView view, int trace, int? count, Action<TracedFrame> take, Action flush,
        Sum sum)
    {
        while (true)
        {
            var read = await view.ReadTraceAsync(new TraceRead(trace, WaitMs), session.Cancel);
            sum.Lost = read.Lost;
            foreach (var frame in read.Frames)
            {
                take(frame);
                if (sum.Frames == count) return;
            }

            // Whoever reads a pipe wants to see it now.
            flush();

            if (!read.Ended || read.Frames.Count > 0) continue;
            session.Out.Note("The port is gone.");
            return;
        }
    }

    private static async Task TryStopAsync(ISwitchView view, int trace)
    {
        try
        {
            await view.StopTraceAsync(trace, CancellationToken.None);
        }
        catch (CliException)
        {
            // It ends by itself when nobody reads it.
        }
    }

    private static Stream? Open(CliSession session, string? file)
    {
        if (file is null) return null;
        if (session.Out.IsJson)
            throw new UsageException("--json and --write are two forms of output.", "Leave one of them out.");
        try
        {
            return file == "-" ? Console.OpenStandardOutput() : File.Create(file);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{file}' cannot be written: {failed.Message}", "Name another file.");
        }
    }

    private static void Show(CliSession session, TracedFrame frame)
    {
        var facts = FrameFacts.Of(frame.Bytes);
        var at = DateTimeOffset.UnixEpoch.AddTicks(frame.UnixNs / 100);
        if (session.Out.IsJson)
        {
            session.Out.Line(new
            {
                at,
                frame.FromNode,
                frame.Length,
                frame.SegmentBytes,
                frame.HasPartialChecksum,
                facts,
            });
            return;
        }

        session.Host.Out.WriteLine(
            $"{at:HH:mm:ss.ffffff} {(frame.FromNode ? "in " : "out")} {facts} length {frame.Length}"
            + (frame.SegmentBytes > 0 ? $" (super-frame, segments of {frame.SegmentBytes})" : ""));
    }

    private sealed class Sum
    {
        private long _super;
        private long _partial;

        public long Frames { get; private set; }

        public long Lost { get; set; }

        public void Add(TracedFrame frame)
        {
            Frames++;
            _super += frame.SegmentBytes > 0 ? 1 : 0;
            _partial += frame.HasPartialChecksum ? 1 : 0;
        }

        public override string ToString() =>
            $"{Frames} frames, {Lost} lost because they came faster than they were read."
            + (_super == 0 ? "" : $" {_super} were super-frames, which are cut into segments later.")
            + (_partial == 0 ? "" : $" {_partial} had a checksum that is completed later; that is no error.");
    }
}
