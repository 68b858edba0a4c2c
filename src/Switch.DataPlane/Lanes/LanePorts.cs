namespace VioActors.Switch.DataPlane;

/// <summary>
/// The ports of one lane: which descriptor is whose, who has more to give, and who has something to flush. Lane
/// thread only; no allocation but when ports come and go.
/// </summary>
internal sealed class LanePorts(Epoll epoll)
{
    private readonly Dictionary<int, LanePort> _byDescriptor = [];
    private readonly Dictionary<SwitchPort, LanePort> _byPort = [];
    private readonly List<LanePort> _ports = [];
    private List<LanePort> _more = [];
    private List<LanePort> _again = [];
    private readonly List<LanePort> _unflushed = [];

    /// <summary>Where a driver puts a frame before it hands it over; free again after that.</summary>
    public byte[] Frame { get; } =
        GC.AllocateUninitializedArray<byte>(Limits.MaxSuperFrameBytes, pinned: true);

    /// <summary>Whether a driver has frames that no descriptor tells of: the lane must not sleep.</summary>
    public bool HasMore => _more.Count > 0;

    /// <summary>Lets a port send and receive; the driver still belongs to the caller.</summary>
    public void Add(SwitchCore core, SwitchEnvironment environment, SwitchPort port, IPortDriver driver)
    {
        var added = new LanePort(this, core, environment, port, driver);
        _byPort.Add(port, added);
        _ports.Add(added);
        driver.Attach(added);
    }

    /// <summary>Takes a port out, before its driver is disposed.</summary>
    public void Remove(SwitchPort port)
    {
        if (!_byPort.Remove(port, out LanePort? gone))
            return;
        gone.Driver.Detach();
        _ports.Remove(gone);
        _more.Remove(gone);
        _unflushed.Remove(gone);
        foreach (int fd in _byDescriptor.Where(one => one.Value == gone).Select(one => one.Key).ToArray())
            Unwatch(fd);
    }

    /// <summary>What a port is at its other end; null when it has no driver.</summary>
    public IPortDriver? DriverOf(SwitchPort port) => _byPort.GetValueOrDefault(port)?.Driver;

    /// <summary>A descriptor is ready; one that was closed in the same batch is nobody's.</summary>
    public void Ready(int fd)
    {
        if (_byDescriptor.TryGetValue(fd, out LanePort? port))
            Drain(port, fd);
    }

    /// <summary>Another turn for those who had more than a batch.</summary>
    public void DrainMore()
    {
        if (_more.Count == 0)
            return;
        (_more, _again) = (_again, _more);
        for (int i = 0; i < _again.Count; i++)
        {
            LanePort port = _again[i];
            port.HasMore = false;
            Drain(port, port.MoreFd);
            Flush();
        }

        _again.Clear();
    }

    public void Flush()
    {
        for (int i = 0; i < _unflushed.Count; i++)
        {
            _unflushed[i].IsUnflushed = false;
            _unflushed[i].Driver.Flush();
        }

        _unflushed.Clear();
    }

    public void Tick()
    {
        for (int i = 0; i < _ports.Count; i++)
            _ports[i].Driver.Tick();
    }

    internal bool TryWatch(LanePort port, int fd, Readiness readiness)
    {
        bool isNew = _byDescriptor.TryAdd(fd, port);
        if (epoll.TrySet(fd, readiness, isNew))
            return true;
        if (isNew)
            _byDescriptor.Remove(fd);
        return false;
    }

    internal void Unwatch(int fd)
    {
        if (_byDescriptor.Remove(fd))
            epoll.Remove(fd);
    }

    private void Drain(LanePort port, int fd)
    {
        port.Starts();
        bool hasMore = port.Driver.Drain(fd);
        port.Ends(isEmpty: !hasMore);
        if (!hasMore || port.HasMore)
            return;
        (port.HasMore, port.MoreFd) = (true, fd);
        _more.Add(port);
    }

    internal void FlushLater(LanePort port) => _unflushed.Add(port);
}

/// <summary>What a driver sees of its lane.</summary>
internal sealed class LanePort(
    LanePorts ports, SwitchCore core, SwitchEnvironment environment, SwitchPort port, IPortDriver driver)
{
    private bool _leftSome;

    public IPortDriver Driver { get; } = driver;

    /// <summary>The name of the port, for messages.</summary>
    public string Name => port.Name;

    /// <summary>A buffer of the lane for one super-frame; good until the driver returns.</summary>
    public byte[] Frame => ports.Frame;

    public long NowMs => core.NowMs;

    public Counters<PortCount> Counters => port.Counters;

    /// <summary>Whether <see cref="FlushLater"/> was called in this drain.</summary>
    internal bool IsUnflushed { get; set; }

    /// <summary>Whether it had more than a batch at <see cref="MoreFd"/>.</summary>
    internal bool HasMore { get; set; }

    internal int MoreFd { get; set; }

    /// <summary>One super-frame that came in. It may be marked, and is not kept.</summary>
    public void Take(Span<byte> superFrame) => core.FromPort(environment, port, superFrame);

    /// <summary>
    /// Watches a descriptor; again to change for what. False when the kernel refuses (errno tells why).
    /// </summary>
    public bool TryWatch(int fd, Readiness readiness = Readiness.Input) => ports.TryWatch(this, fd, readiness);

    /// <summary>Before the descriptor is closed.</summary>
    public void Unwatch(int fd) => ports.Unwatch(fd);

    /// <summary>Asks for <see cref="IPortDriver.Flush"/> at the end of this drain.</summary>
    public void FlushLater()
    {
        if (IsUnflushed)
            return;
        IsUnflushed = true;
        ports.FlushLater(this);
    }

    /// <summary>Says that a drain ends with frames left of which the descriptor tells again.</summary>
    public void LeavesSome() => _leftSome = true;

    internal void Starts()
    {
        _leftSome = false;
        port.Queue.Starts(core.NowUs);
    }

    internal void Ends(bool isEmpty) => port.Queue.Ends(isEmpty && !_leftSome);

    /// <summary>This port will not work again; the next apply makes it anew.</summary>
    public void Break() => port.IsBroken = true;
}
