namespace VioActors.Switch.DataPlane;

/// <summary>
/// A port on a machine's own rings, by the vhost-user protocol: QEMU listens and this connects, again when QEMU
/// restarts. No kernel is between two machines of this host, and uncut TCP stays uncut.
/// <code>
///   machine ─► transmit ring ─1 copy─► lane's buffer ─► switch ─► machine's receive ring (1 copy)
///           ◄─ call eventfd, once per drain, when it wants        backlog when it has no buffer
/// </code>
/// Whatever the machine or its hypervisor writes is checked; what is nonsense stops a ring or ends the connection, and
/// the status says why. Lane thread, but for <see cref="Dispose"/>.
/// </summary>
internal sealed class VhostDriver : IPortDriver
{
    private const int MessagesPerTurn = 16;
    private readonly string _path;
    private readonly SocketConnector _connector;
    private readonly VhostDelivery _delivery;
    private readonly TransmitRing _transmit;
    private LanePort? _port;
    private VhostChannel? _channel;
    private VhostSession? _session;
    private string? _broken;

    public VhostDriver(string path)
    {
        var chain = new BufferChain();
        (_path, _connector) = (path, new SocketConnector(path));
        (_delivery, _transmit) = (new VhostDelivery(chain), new TransmitRing(chain));
    }

    public PortKind Kind => PortKind.VhostUser;

    public string Offloads => _session is { } session ? PortKinds.Words(session.Features.ToMachine) : "";

    public string? Trouble => _broken ?? _connector.Trouble
        ?? (_session is not { } session ? null : RingTrouble(session));

    public void Attach(LanePort port)
    {
        _port = port;
        Tick();
    }

    public void Detach() => Close();

    public void Tick()
    {
        if (_channel is not null || _broken is not null || _connector.TryConnect(_port!.NowMs) is not { } stream)
            return;
        _channel = new VhostChannel(stream);
        _session = new VhostSession(_port);
        _delivery.Clear();
        if (!_port.TryWatch(stream.Fd))
            Lost();
    }

    public bool Drain(int fd)
    {
        if (_channel is { } channel && channel.Fd == fd)
            HandleMessages(channel);
        if (_session is not { } session)
            return false;
        if (fd == session.Receive.Kick)
            _delivery.DrainBacklog(session);
        _port!.FlushLater();
        return session.Transmit.IsRunning && DrainTransmit(session);
    }

    public bool Write(ReadOnlySpan<byte> superFrame)
    {
        if (_session is not { } session)
            return false;
        bool taken = _delivery.Write(session, superFrame);
        _port!.FlushLater();
        return taken;
    }

    public void Flush()
    {
        if (_session is not { } session)
            return;
        if (session.Receive.Queue.IsBound && session.Receive.Queue.Publish())
            session.Receive.CallMachine();
        if (session.Transmit.Queue.IsBound && session.Transmit.Queue.Publish())
            session.Transmit.CallMachine();
    }

    public void Dispose()
    {
        _session?.Dispose();
        _channel?.Dispose();
    }

    private static string? RingTrouble(VhostSession session) =>
        session.Receive.Fault is { } receive ? $"the machine's receive ring stopped: {receive}"
        : session.Transmit.Fault is { } transmit ? $"the machine's transmit ring stopped: {transmit}"
        : session.Transmit.IsRunning ? null
        : "the machine has not started its network device";

    private bool DrainTransmit(VhostSession session)
    {
        Virtqueue queue = session.Transmit.Queue;
        queue.WantNoKicks();
        session.Features.IsEnabled = session.Transmit.IsEnabled;
        session.Transmit.Fault = _transmit.Drain(
            queue, session.Memory, session.Features, _port!, out bool more);
        if (session.Transmit.Fault is not null)
            return false;
        if (more)
            return true;
        queue.WantKicks();
        return queue.Waiting > 0;
    }

    private void HandleMessages(VhostChannel channel)
    {
        for (int i = 0; i < MessagesPerTurn && _channel is not null; i++)
        {
            switch (channel.TryReceive())
            {
                case ChannelState.Empty:
                    return;
                case ChannelState.Closed:
                    Lost();
                    return;
                case ChannelState.Nonsense:
                    Break("it sent what is no message");
                    return;
                default:
                    Handle(channel);
                    break;
            }
        }
    }

    private void Handle(VhostChannel channel)
    {
        VhostSession session = _session!;
        VhostRequest request = channel.Request;

        // What was given back must be seen before the machine's memory or rings change.
        Flush();
        if (session.Handle(channel) is { } refusal)
        {
            Break($"{request} was refused: {refusal}");
            return;
        }

        _connector.Served();
        if (!session.Receive.IsRunning)
            _delivery.Clear();
        if (request == VhostRequest.SetRingKick && session.Receive.IsRunning)
            session.Receive.Queue.WantNoKicks();
    }

    private void Break(string why)
    {
        Close();
        _broken = $"{_path}: {why}";
        _port!.Break();
    }

    private void Lost()
    {
        Close();
        _connector.Lost("the machine closed its socket", _port!.NowMs);
    }

    private void Close()
    {
        if (_channel is not { } channel)
            return;
        _port!.Unwatch(channel.Fd);
        _session!.Unwatch();
        Dispose();
        (_channel, _session) = (null, null);
    }
}
