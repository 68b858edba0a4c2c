namespace VioActors.Simulation.Time;

/// <summary>
/// A clock that stands still until it is moved, with the timers that wait on it. Everything that sleeps in a simulation
/// sleeps here. Not thread-safe: one <see cref="VirtualLoop"/> owns it.
/// </summary>
public sealed class VirtualTime(DateTimeOffset start) : TimeProvider
{
    private readonly PriorityQueue<Timer, (long Due, long Order)> _timers = new();
    private long _now;
    private long _order;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override long GetTimestamp() => _now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => start + TimeSpan.FromTicks(_now);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves to the next timer and fires it. False when none waits before the limit.</summary>
    /// <param name="limit">Time since the start that is not passed.</param>
    public bool FireNext(TimeSpan limit)
    {
        while (_timers.TryPeek(out var timer, out var at))
        {
            if (!timer.IsArmedFor(at.Due))
            {
                _timers.Dequeue(); // changed or disposed since it was queued
                continue;
            }

            if (at.Due > limit.Ticks) return false;
            _timers.Dequeue();
            _now = Math.Max(_now, at.Due);
            timer.Fire();
            return true;
        }

        return false;
    }

    /// <summary>Lets time pass in which no timer fires.</summary>
    internal void Reach(TimeSpan now) => _now = Math.Max(_now, now.Ticks);

    private sealed class Timer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private long _due = -1;
        private TimeSpan _period;

        public bool IsArmedFor(long due) => _due == due;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            Arm(dueTime);
            return true;
        }

        public void Fire()
        {
            Arm(_period > TimeSpan.Zero ? _period : Timeout.InfiniteTimeSpan);
            callback(state);
        }

        public void Dispose() => _due = -1;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Arm(TimeSpan after)
        {
            _due = after < TimeSpan.Zero ? -1 : time._now + after.Ticks;
            if (_due >= 0) time._timers.Enqueue(this, (_due, time._order++));
        }
    }
}
