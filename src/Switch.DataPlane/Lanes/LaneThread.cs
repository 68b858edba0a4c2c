using System.Collections.Concurrent;
using System.Net;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// The thread of one lane: waits for its socket, its ports and commands, and runs each batch to completion. All state
/// of the lane belongs to this thread; others reach it only through <see cref="InvokeAsync"/>.
/// </summary>
internal sealed class LaneThread : IDisposable
{
    private readonly ConcurrentQueue<Action> _commands = new();
    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(UdpLane.MaxRunBytes, pinned: true);
    private readonly byte[] _from = GC.AllocateUninitializedArray<byte>(SocketAddress.MaxBytes, pinned: true);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Epoll _epoll = new();
    private readonly LanePorts _ports;
    private readonly SocketAddress _listen;
    private readonly StreamHub _streams;
    private readonly int _largestDatagram;
    private readonly Func<IDatagramLink, SwitchCore> _createCore;
    private readonly LaneInbox _inbox;
    private Thread? _thread;
    private UdpLane? _udp;
    private UdpBatch? _out;
    private SwitchCore? _core;
    private int _waiting;
    private int _stopped;
    private int _disposed;
    private volatile bool _stopping;

    private LaneThread(
        IPEndPoint listen, int largestDatagram, LaneInbox inbox, Func<Action, StreamHub> createStreams,
        Func<IDatagramLink, SwitchCore> createCore)
    {
        _inbox = inbox;
        _inbox.Wake = _epoll.Wake;
        _streams = createStreams(_epoll.Wake);
        _largestDatagram = largestDatagram;
        _listen = SocketAddress.From(listen);
        _createCore = createCore;
        _ports = new LanePorts(_epoll);
    }

    /// <summary>Ends when the thread ended; faulted when it failed.</summary>
    public Task Ended => _ended.Task;

    public int Port => _udp?.Port ?? 0;

    /// <summary>Which one of the host's lanes it is, from 0; known once it has started.</summary>
    public int Number => _core?.Settings.Lane ?? 0;

    /// <summary>Starts the thread; the task ends when its socket is bound.</summary>
    /// <param name="listen">Where its socket is bound.</param>
    /// <param name="networkNamespace">Path of the namespace it lives in; null is the process's.</param>
    /// <param name="largestDatagram">Bytes of UDP payload that cross the underlay whole.</param>
    /// <param name="listenTcp">Where connections are taken; null takes none.</param>
    /// <param name="inbox">What comes from other lanes.</param>
    /// <param name="createStreams">Makes what carries datagrams over connections, given what wakes the lane.</param>
    /// <param name="createCore">Makes its state, on the thread.</param>
    /// <exception cref="SwitchIoException">The address cannot be bound.</exception>
    public static async Task<LaneThread> StartAsync(
        IPEndPoint listen, string? networkNamespace, int largestDatagram, IPEndPoint? listenTcp,
        LaneInbox inbox, Func<Action, StreamHub> createStreams, Func<IDatagramLink, SwitchCore> createCore)
    {
        var lane = new LaneThread(listen, largestDatagram, inbox, createStreams, createCore);
        lane._thread = NetworkNamespace.Start("switch-lane", path: null, () => lane.Run(networkNamespace, listenTcp));
        try
        {
            await lane._started.Task.ConfigureAwait(false);
            return lane;
        }
        catch
        {
            lane.Dispose();
            throw;
        }
    }

    /// <summary>Runs a function on the lane thread, between two batches.</summary>
    /// <exception cref="InvalidOperationException">Too many commands wait, or the lane has ended.</exception>
    public Task<T> InvokeAsync<T>(Func<SwitchCore, T> function)
    {
        if (Interlocked.Increment(ref _waiting) > Limits.LaneCommands || _stopping)
        {
            Interlocked.Decrement(ref _waiting);
            throw new InvalidOperationException(
                "The switch's lane takes no command now: it is stopping or overloaded.");
        }

        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _commands.Enqueue(() =>
        {
            try
            {
                result.TrySetResult(function(_core!));
            }
            catch (Exception e)
            {
                result.TrySetException(e);
            }
        });
        _epoll.Wake();
        return result.Task;
    }

    /// <summary>The ports of this lane. Lane thread only.</summary>
    public LanePorts Ports => _ports;

    /// <summary>Stops the thread and waits for it. Other lanes may still wake this one.</summary>
    public void Stop()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
            return;
        _stopping = true;
        _epoll.Wake();
        _thread?.Join();
        RunCommands();
    }

    /// <summary>Stops it; all lanes that know of it must have stopped before.</summary>
    public void Dispose()
    {
        Stop();
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _epoll.Dispose();
    }

    private void Run(string? networkNamespace, IPEndPoint? listenTcp)
    {
        try
        {
            if (networkNamespace is not null)
                NetworkNamespace.Enter(networkNamespace);
            _udp = UdpLane.Open(_listen);
            _out = new UdpBatch(_udp, _largestDatagram);
            if (listenTcp is not null)
                _streams.Listen(listenTcp);
            _core = _createCore(new LaneLink(_out, _streams));
            _epoll.Add(_udp.Fd);
            _started.TrySetResult();
            Loop(_core, _udp, _out);
            _ended.TrySetResult();
        }
        catch (Exception e)
        {
            _started.TrySetException(e);
            _ended.TrySetException(e);
        }
        finally
        {
            _stopping = true;
            _streams.Dispose();
            _core?.Dispose();
            _udp?.Dispose();
        }
    }

    private void Loop(SwitchCore core, UdpLane udp, UdpBatch output)
    {
        Span<int> ready = stackalloc int[64];
        long nextTickMs = 0;
        int probeWaitMs = SwitchCore.TickMs;
        while (!_stopping)
        {
            int wait = (int)Math.Clamp(nextTickMs - core.NowMs, 0, SwitchCore.TickMs);
            if (core.HasOpenFrames)
                wait = Math.Min(wait, Limits.SalvageMs);
            if (_ports.HasMore)
                wait = 0;
            int count = _epoll.Wait(ready, core.Shaping.WaitMs(Math.Min(wait, probeWaitMs)));
            core.UpdateClock();
            foreach (int fd in ready[..count])
            {
                if (fd == udp.Fd)
                    ReceiveBatch(core, udp);
                else
                    _ports.Ready(fd);
                Flush(output);
            }

            _ports.DrainMore();
            RunCommands();
            _inbox.Drain(core);
            _streams.Drain(core);
            core.GiveUpOldFrames();
            core.ReleaseHeldBack();
            if (core.NowMs >= nextTickMs)
            {
                core.Tick();
                _ports.Tick();
                _streams.EndSilent(core.NowMs);
                nextTickMs = core.NowMs + SwitchCore.TickMs;
            }

            // A probe that got its ARP answer wants to go on at once, so its tick comes with every batch.
            probeWaitMs = core.Prober.Active > 0 ? core.Prober.Tick(SwitchCore.TickMs) : SwitchCore.TickMs;
            Flush(output);
        }
    }

    private void Flush(UdpBatch output)
    {
        output.Flush();
        _ports.Flush();
    }

    private void ReceiveBatch(SwitchCore core, UdpLane udp)
    {
        core.Arrivals.Starts(core.NowUs);
        for (int count = 0, bytes = 0; count < Limits.Batch && bytes < Limits.BatchBytes; count++)
        {
            int length = udp.Receive(_received, _from, out int size, out byte trafficClass);
            if (length < 0)
            {
                core.Arrivals.Ends(isEmpty: true);
                return;
            }

            bytes += length;
            Span<byte> run = _received.AsSpan(0, length);
            core.RunsIn += length > size ? 1 : 0;
            for (; run.Length > size; run = run[size..])
                core.FromNetwork(run[..size], _from, trafficClass);
            core.FromNetwork(run, _from, trafficClass);
        }

        core.Arrivals.Ends(isEmpty: false);
    }

    private void RunCommands()
    {
        while (_commands.TryDequeue(out Action? command))
        {
            Interlocked.Decrement(ref _waiting);
            command();
        }
    }
}
