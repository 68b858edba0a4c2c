namespace VioActors.Switch.DataPlane;

/// <summary>The end of a port on a lane that does not have the port's driver: the lane that has it writes.</summary>
/// <param name="inbox">Of that lane.</param>
/// <param name="from">This lane.</param>
/// <param name="home">The port there.</param>
internal sealed class HandOverSink(LaneInbox inbox, int from, SwitchPort home) : IFrameSink
{
    public bool Write(ReadOnlySpan<byte> superFrame) =>
        inbox.TryHandOver(from, new HandOver(home, home.Environment, null, home.Origin, PassedOn: false), superFrame);
}
