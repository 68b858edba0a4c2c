using System.Runtime.InteropServices;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Ctrl-C, SIGTERM and a closed terminal (SIGHUP), counted: the first asks to stop in an orderly way, the second to
/// leave at once. Signals count only once somebody listens; else the process ends as usual. Thread-safe.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _first = new();
    private readonly CancellationTokenSource _second = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly bool _fromProcess;
    private int _count;

    private Interrupts(bool fromProcess) => _fromProcess = fromProcess;

    /// <summary>Set by the first.</summary>
    public CancellationToken First => _first.Token;

    /// <summary>Set by the second.</summary>
    public CancellationToken Second => _second.Token;

    /// <summary>Those of this process.</summary>
    public static Interrupts OfProcess() => new(fromProcess: true);

    /// <summary>None but those that <see cref="Raise"/> makes.</summary>
    public static Interrupts None() => new(fromProcess: false);

    /// <summary>From now on Ctrl-C and SIGTERM count and no longer end the process.</summary>
    public void Listen() => Listen(PosixSignal.SIGINT, PosixSignal.SIGTERM);

    /// <summary>From now on a closed terminal counts and no longer ends the process.</summary>
    public void ListenToHangUp() => Listen(PosixSignal.SIGHUP);

    /// <summary>Counts one.</summary>
    public void Raise() => (Interlocked.Increment(ref _count) == 1 ? _first : _second).Cancel();

    private void Listen(params ReadOnlySpan<PosixSignal> signals)
    {
        if (!_fromProcess) return;
        foreach (var signal in signals)
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Raise();
            }));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _first.Dispose();
        _second.Dispose();
    }
}
