namespace VioActors.Switch.DataPlane;

/// <summary>
/// Who looks at which port. One at a time looks at a port, few at a host, and who stops reading is forgotten: a trace
/// is for people. Lane thread only.
/// </summary>
internal sealed class Captures(SwitchCore core)
{
    private readonly Dictionary<int, PortCapture> _all = [];
    private int _lastId;

    /// <summary>Starts one; null with the reason when it cannot be.</summary>
    public PortCapture? Start(SwitchPort port, int snapLength, TraceFilter filter, out string refusal)
    {
        GiveUpUnread();
        refusal = port.Capture is not null
            ? $"port {port.Name} is being traced already; wait for that trace to end"
            : _all.Count >= Limits.MaxCaptures
                ? $"{Limits.MaxCaptures} ports of this host are being traced already; wait for one to end"
                : "";
        if (refusal.Length > 0)
            return null;
        var capture = new PortCapture(++_lastId, port, snapLength, filter, core);
        _all[capture.Id] = capture;
        port.Capture = capture;
        return capture;
    }

    public PortCapture? Find(int id) => _all.GetValueOrDefault(id);

    /// <summary>Ends one; one that has ended is fine.</summary>
    public void Stop(int id)
    {
        if (_all.Remove(id, out PortCapture? capture) && capture.Port.Capture == capture)
            capture.Port.Capture = null;
    }

    /// <summary>The port is gone; what was captured can still be read.</summary>
    public static void PortGone(SwitchPort port)
    {
        if (port.Capture is not { } capture)
            return;
        capture.HasEnded = true;
        port.Capture = null;
    }

    /// <summary>Ends those that nobody reads.</summary>
    public void GiveUpUnread()
    {
        if (_all.Count == 0)
            return;
        foreach (PortCapture unread in _all.Values
            .Where(one => core.NowMs - one.LastReadMs > Limits.TraceUnreadMs).ToArray())
        {
            Stop(unread.Id);
        }
    }
}
