using System.Runtime.InteropServices;

namespace VioActors.Switch.DataPlane;

/// <summary>A ring with its eventfds. Lane thread only.</summary>
internal sealed class VhostRing : IDisposable
{
    private const string EventDescriptor = "anon_inode:[eventfd]";

    public Virtqueue Queue { get; } = new();

    /// <summary>Where the machine kicks; negative without one.</summary>
    public int Kick { get; private set; } = -1;

    /// <summary>Where the machine is called; negative without one.</summary>
    public int Call { get; private set; } = -1;

    /// <summary>Whether the hypervisor lets frames pass.</summary>
    public bool IsEnabled { get; set; }

    /// <summary>Why the ring stopped; null when it did not.</summary>
    public string? Fault { get; set; }

    public bool IsRunning => Queue.IsBound && Fault is null;

    public void SetKick(int fd) => Kick = Replace(Kick, fd);

    public void SetCall(int fd) => Call = Replace(Call, fd);

    /// <summary>
    /// Whether a descriptor is an eventfd, which neither blocks nor is anything else; it is set so that it does not.
    /// </summary>
    public static bool IsEvent(int fd) =>
        new FileInfo($"/proc/self/fd/{fd}").LinkTarget == EventDescriptor
            && LibC.fcntl(fd, LibC.F_SETFL, LibC.O_NONBLOCK) >= 0;

    /// <summary>Tells the machine that buffers came back; a full counter tells it already.</summary>
    public void CallMachine()
    {
        if (Call < 0)
            return;
        ulong one = 1;
        _ = LibC.write(Call, ref MemoryMarshal.AsBytes(new Span<ulong>(ref one))[0], 8);
    }

    /// <summary>Stops it; the machine's memory is not touched any more.</summary>
    public void Stop()
    {
        Queue.Unbind();
        Fault = null;
    }

    public void Dispose()
    {
        Stop();
        SetKick(-1);
        SetCall(-1);
    }

    private static int Replace(int old, int fd)
    {
        if (old >= 0)
            _ = LibC.close(old);
        return fd;
    }
}
