namespace VioActors.Switch.DataPlane;

/// <summary>
/// Collects the datagrams of one drain of a lane and hands equal ones for one address to the kernel in one call (UDP
/// GSO). A run is one address and one size; only its last datagram may be shorter. Nothing waits longer than until
/// <see cref="Flush"/>, which the lane calls after each descriptor that it drained: there is no timer.
/// </summary>
/// <param name="udp">Where they go.</param>
/// <param name="largest">
/// Bytes of a datagram that crosses the path whole. What is larger (a handshake) goes alone: the kernel cuts it into
/// fragments, and of a run it does not.
/// </param>
internal sealed class UdpBatch(UdpLane udp, int largest) : IDatagramLink
{
    // 64 is what kernels before 6.9 take; 65,507 is the largest IPv4 payload, and IPv6 has 20 bytes less.
    private const int MaxDatagrams = 64;
    private const int MaxBytes = 65_000;
    private readonly byte[] _run = GC.AllocateUninitializedArray<byte>(MaxBytes, pinned: true);
    private SocketAddress? _to;
    private byte _class;
    private int _size;
    private int _bytes;
    private int _count;
    private bool _isClosed;

    /// <inheritdoc/>
    public long Failed { get; private set; }

    /// <inheritdoc/>
    public long Runs { get; private set; }

    public void Send(ReadOnlySpan<byte> datagram, SocketAddress to, byte trafficClass)
    {
        Invariant.Check(datagram.Length <= MaxBytes, "a datagram fits a run");
        if (_count > 0 && (_isClosed || datagram.Length > _size || _count == MaxDatagrams
            || _bytes + datagram.Length > MaxBytes || !ReferenceEquals(to, _to) || trafficClass != _class))
        {
            Flush();
        }

        if (_count == 0)
            (_to, _size, _class) = (to, datagram.Length, trafficClass);
        datagram.CopyTo(_run.AsSpan(_bytes));
        _bytes += datagram.Length;
        _count++;
        _isClosed = datagram.Length < _size || datagram.Length > largest;
    }

    public void SendWhole(ReadOnlySpan<byte> datagram, SocketAddress to)
    {
        // What waits was sent before it. A kernel that refuses it knows that the path is smaller: as good as no answer.
        Flush();
        _ = udp.SendWhole(datagram, to);
    }

    /// <summary>Sends what waits.</summary>
    public void Flush()
    {
        if (_count == 0)
            return;
        ReadOnlySpan<byte> run = _run.AsSpan(0, _bytes);
        if (_count == 1)
            Failed += udp.Send(run, _to!, _class) ? 0 : 1;
        else if (_to!.TakesRuns && _count >= _to.LeastRun && SendRun(run))
            Runs++;
        else
            SendEach(run);
        (_count, _bytes, _isClosed) = (0, 0, false);
    }

    /// <summary>
    /// False when runs cannot be sent on this path: then never again, or a kernel or driver that lies would cost
    /// every run twice. Each path decides for itself.
    /// </summary>
    private bool SendRun(ReadOnlySpan<byte> run)
    {
        if (udp.SendRun(run, _size, _to!, _class))
            return true;
        if (LibC.Errno is LibC.EIO or LibC.EINVAL or LibC.EMSGSIZE)
        {
            _to!.TakesRuns = false;
            return false;
        }

        Failed += _count;
        return true;
    }

    private void SendEach(ReadOnlySpan<byte> run)
    {
        for (; run.Length > 0; run = run[Math.Min(_size, run.Length)..])
            Failed += udp.Send(run[..Math.Min(_size, run.Length)], _to!, _class) ? 0 : 1;
    }
}
