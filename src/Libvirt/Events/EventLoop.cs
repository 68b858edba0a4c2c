using VioActors.Libvirt.Native;

namespace VioActors.Libvirt.Events;

/// <summary>The one thread that runs libvirt's event loop for this process.</summary>
/// <remarks>libvirt asks that the loop is registered before the first connection opens and wants it run all the time:
/// it also carries keep-alives. It is started by the first connection and lives as long as the process.</remarks>
// SAFETY: the only pointers are addresses of static functions with the C signatures that libvirt asks for.
internal static unsafe class EventLoop
{
    private const int TickMs = 1000;
    private const int FailuresInARow = 100;
    private static readonly CallName Call = new("start event loop", null);
    private static readonly Lazy<bool> Started = new(Start);
    private static int dead;

    /// <summary>Starts the loop on first use; safe from any thread.</summary>
    /// <exception cref="LibvirtException">The library is missing, or the loop could not be started or has
    /// ended.</exception>
    internal static void Ensure()
    {
        _ = Started.Value;
        if (Volatile.Read(ref dead) == 1)
            throw new LibvirtException(LibvirtFailure.LibraryMissing, Call,
                $"the event loop failed {FailuresInARow} times in a row and ended; restart the process");
    }

    private static bool Start()
    {
        try
        {
            NativeFailure.Check(NativeConnect.virInitialize(), Call);
        }
        catch (DllNotFoundException missing)
        {
            throw new LibvirtException(LibvirtFailure.LibraryMissing, Call,
                $"{NativeLibrary.Name} is not on this machine; install the package libvirt0", inner: missing);
        }
        // SAFETY: the addresses of static UnmanagedCallersOnly methods are valid for the life of the process.
        NativeError.virSetErrorFunc(0, &EventCallbacks.OnError);
        NativeFailure.Check(NativeEvents.virEventRegisterDefaultImpl(), Call);
        NativeFailure.Check(NativeEvents.virEventAddTimeout(TickMs, &EventCallbacks.OnTick, 0, 0), Call);
        new Thread(Run) { IsBackground = true, Name = "libvirt-events" }.Start();
        return true;
    }

    private static void Run()
    {
        for (var failures = 0; failures < FailuresInARow;)
            failures = NativeEvents.virEventRunDefaultImpl() < 0 ? failures + 1 : 0;
        Volatile.Write(ref dead, 1);
    }
}
