using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>A log whose lines can be waited for.</summary>
internal sealed class WrittenLog : ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waits = new();

    /// <summary>Ends when a line with this text was written.</summary>
    public Task Contains(string text)
    {
        var wait = _waits.GetOrAdd(
            text, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        foreach (var line in _lines) Check(line);
        return wait.Task;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        var line = formatter(state, exception);
        _lines.Enqueue(line);
        Check(line);
    }

    private void Check(string line)
    {
        foreach (var (text, wait) in _waits)
            if (line.Contains(text, StringComparison.Ordinal))
                wait.TrySetResult();
    }
}
