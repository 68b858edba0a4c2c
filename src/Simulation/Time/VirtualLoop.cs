namespace VioActors.Simulation.Time;

/// <summary>
/// The only thread of a simulation: runs what is ready, in an order drawn from the seed, and moves the clock when
/// nothing is. Tasks started on it, and everything they await, stay on it.
/// </summary>
public sealed class VirtualLoop : TaskScheduler
{
    private readonly List<Task> _ready = [];
    private readonly Random _order;
    private Thread? _thread;
    private string? _strayed;

    /// <param name="seed">Draws the order of what is ready at the same time.</param>
    /// <param name="start">The time at which the simulation begins.</param>
    public VirtualLoop(int seed, DateTimeOffset start)
    {
        _order = new Random(seed);
        Time = new VirtualTime(start);
    }

    /// <summary>The simulation's clock.</summary>
    public VirtualTime Time { get; }

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Starts asynchronous work on this loop.</summary>
    public Task Start(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    /// <summary>Runs until the task has ended.</summary>
    /// <param name="until">What is waited for; its exception is thrown.</param>
    /// <param name="limit">Virtual time since the start that it may take.</param>
    /// <exception cref="TimeoutException">
    /// The limit was reached, or nothing was left to run, before it ended.
    /// </exception>
    public void Run(Task until, TimeSpan limit)
    {
        if (!RunUntil(() => until.IsCompleted, limit))
            throw new TimeoutException(_ready.Count == 0 && Time.GetTimestamp() < limit.Ticks
                ? "Nothing is left to run, and the work has not ended: something waits for what never comes."
                : $"The work did not end within {limit} of virtual time.");
        until.GetAwaiter().GetResult();
    }

    /// <summary>Runs until a condition holds, which is looked at after every step.</summary>
    /// <param name="holds">The condition.</param>
    /// <param name="limit">Virtual time since the start that it may take.</param>
    /// <returns>False when the limit was reached, or nothing was left to run.</returns>
    public bool RunUntil(Func<bool> holds, TimeSpan limit)
    {
        _thread = Thread.CurrentThread;
        var context = SynchronizationContext.Current;
        // A test framework's context would take continuations to its own threads.
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            while (!holds())
            {
                if (_strayed is not null)
                    throw new InvalidOperationException(
                        $"Work left the loop, so the seed decides no more:\n{_strayed}");
                if (!RunOne() && !Time.FireNext(limit)) return false;
            }

            return true;
        }
        finally
        {
            _thread = null; // between runs whoever holds the loop may queue
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>Runs everything that is due within some time, and lets that time pass.</summary>
    public void Advance(TimeSpan by)
    {
        var end = TimeSpan.FromTicks(Time.GetTimestamp()) + by;
        RunUntil(() => false, end);
        Time.Reach(end);
    }

    /// <inheritdoc/>
    protected override void QueueTask(Task task)
    {
        if (_thread is not null && _thread != Thread.CurrentThread)
            _strayed = Environment.StackTrace;
        else
            _ready.Add(task);
    }

    /// <summary>Nothing runs out of turn: the order is the seed's.</summary>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks() => _ready;

    private bool RunOne()
    {
        if (_ready.Count == 0) return false;
        var index = _order.Next(_ready.Count);
        var task = _ready[index];
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        TryExecuteTask(task);
        return true;
    }
}
