namespace VioActors.Switch.DataPlane.Tests;

/// <summary>A vhost-user port with a machine that this process plays.</summary>
internal sealed class VhostRig : IDisposable
{
    private readonly string _path;
    private VhostMachine? _machine;

    public VhostRig() => _path = Path.Combine(Rig.Directory.FullName, "m.sock");

    public DriverRig Rig { get; } = new();

    public VhostMachine Connected()
    {
        _machine = new VhostMachine(_path);
        Rig.Add(new VhostDriver(_path));
        _machine.Accept();
        return _machine;
    }

    public VhostMachine Started(ulong features)
    {
        VhostMachine machine = Connected();
        machine.Start(features);
        Settle();
        Assert.Null(Rig.Driver.Trouble);
        return machine;
    }

    public void Settle()
    {
        while (Rig.Turn())
        {
        }
    }

    public void End()
    {
        _machine!.Dispose();
        File.Delete(_path);
        Settle();
    }

    /// <summary>Uncut TCP to node 1 or from it.</summary>
    public static byte[] Uncut(bool toNode, int payload)
    {
        byte[] super = new TcpCase(4, false, payload, 1448, 0x18).SuperFrame();
        byte[] plain = DriverRig.Frame(toNode, 1);
        plain.AsSpan(0, 12).CopyTo(super.AsSpan(12));
        plain.AsSpan(26, 8).CopyTo(super.AsSpan(12 + 26));
        return super;
    }

    public void Dispose()
    {
        _machine?.Dispose();
        Rig.Dispose();
    }
}
