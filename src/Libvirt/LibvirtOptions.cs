namespace VioActors.Libvirt;

/// <summary>Limits of one connection. All are bounds: raising them trades memory or patience for tolerance.</summary>
public sealed class LibvirtOptions
{
    /// <summary>Longest time one ordinary call may take, queueing included. 100 ms .. 10 min; default 30 s.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time to connect. 100 ms .. 10 min; default 10 s.</summary>
    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a silent libvirtd is asked for a sign of life. 1 .. 300 s; default 5 s. A libvirtd that hangs
    /// is noticed after this times <see cref="KeepAliveCount"/> plus one interval.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Unanswered signs of life until the connection counts as lost. 1 .. 100; default 3.</summary>
    public int KeepAliveCount { get; init; } = 3;

    /// <summary>Threads for ordinary calls, started when needed. 1 .. 32; default 4.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>Migrations that may run out of this host at once, one thread each. 1 .. 32; default 4.</summary>
    public int ParallelMigrations { get; init; } = 4;

    /// <summary>Calls that may wait for a thread; one more is refused as Busy. 1 .. 4096; default 128.</summary>
    public int QueueLimit { get; init; } = 128;

    /// <summary>Events kept for a slow reader; beyond it the oldest is dropped and counted. 16 .. 65536; default
    /// 1024.</summary>
    public int EventLimit { get; init; } = 1024;

    /// <summary>Clock for all limits; the system's by default.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Reports every value out of its range at once.</summary>
    /// <exception cref="ArgumentException">At least one value is out of range; the message lists all of
    /// them.</exception>
    internal void Validate(string parameter)
    {
        var errors = new List<string>();
        Range(CallTimeout, 0.1, 600, nameof(CallTimeout));
        Range(OpenTimeout, 0.1, 600, nameof(OpenTimeout));
        Range(KeepAliveInterval, 1, 300, nameof(KeepAliveInterval));
        Count(KeepAliveCount, 1, 100, nameof(KeepAliveCount));
        Count(Workers, 1, 32, nameof(Workers));
        Count(ParallelMigrations, 1, 32, nameof(ParallelMigrations));
        Count(QueueLimit, 1, 4096, nameof(QueueLimit));
        Count(EventLimit, 16, 65536, nameof(EventLimit));
        if (errors.Count > 0)
            throw new ArgumentException(string.Join(" ", errors), parameter);

        void Range(TimeSpan value, double min, double max, string name)
        {
            if (value.TotalSeconds < min || value.TotalSeconds > max)
                errors.Add($"{name} is {value.TotalSeconds} s; allowed are {min} .. {max} s.");
        }

        void Count(int value, int min, int max, string name)
        {
            if (value < min || value > max)
                errors.Add($"{name} is {value}; allowed are {min} .. {max}.");
        }
    }
}
