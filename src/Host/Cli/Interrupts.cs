using System.Runtime.InteropServices;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Ctrl-C, SIGTERM and a closed terminal (SIGHUP), counted: the first asks to stop in an orderly way, the second to
/// leave at once. Signals count only while somebody <see cref="Listen"/>s; else the process ends as usual. Thread-safe.
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

    /// <summary>From now on signals count and no longer end the process.</summary>
    public void Listen()
    {
        if (!_fromProcess || _registrations.Count > 0) return;
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP })
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Raise();
            }));
    }

    /// <summary>Counts one.</summary>
    public void Raise() => (Interlocked.Increment(ref _count) == 1 ? _first : _second).Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _first.Dispose();
        _second.Dispose();
    }
}
