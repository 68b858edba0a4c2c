using System.Net;

namespace VioActors.Switch.DataPlane;

/// <summary>All lanes of one switchd, for those who are on none of them. Thread safe.</summary>
internal sealed class LaneSet : IDisposable
{
    private const int PortTries = 16;
    private readonly LaneThread[] _lanes;

    private LaneSet(LaneThread[] lanes) => _lanes = lanes;

    /// <summary>The one that has the prober, and takes connections.</summary>
    public LaneThread First => _lanes[0];

    public int Count => _lanes.Length;

    /// <summary>The lane of a port with one end only: ports spread over the lanes.</summary>
    public LaneThread HomeOf(MacAddress mac) => _lanes[(int)(mac.Value % (ulong)_lanes.Length)];

    /// <summary>Ends when all ended; soon, with its failure, when one failed.</summary>
    public Task Ended => EndedAsync();

    /// <summary>
    /// Starts as many lanes as asked for, at ports that follow each other; the task ends when their sockets are bound.
    /// </summary>
    /// <param name="listen">Of the first lane; of port 0 where any will do.</param>
    /// <param name="count">How many.</param>
    /// <param name="start">Starts one at an address; given its number too.</param>
    /// <exception cref="SwitchIoException">An address cannot be bound.</exception>
    public static async Task<LaneSet> StartAsync(
        IPEndPoint listen, int count, Func<IPEndPoint, int, Task<LaneThread>> start)
    {
        for (int turn = 1; ; turn++)
        {
            var lanes = new List<LaneThread>();
            try
            {
                lanes.Add(await start(listen, 0).ConfigureAwait(false));
                for (int lane = 1; lane < count; lane++)
                {
                    int port = lanes[0].Port + lane;
                    if (port > IPEndPoint.MaxPort)
                        throw new SwitchIoException($"lane {lane} has no port: {lanes[0].Port} is too high", 0);
                    lanes.Add(await start(new IPEndPoint(listen.Address, port), lane).ConfigureAwait(false));
                }

                return new LaneSet([.. lanes]);
            }
            catch (Exception e)
            {
                End(lanes);

                // Where any port will do, one with free ones behind it is found soon.
                if (e is not SwitchIoException || listen.Port != 0 || turn == PortTries || lanes.Count == 0)
                    throw;
            }
        }
    }

    /// <summary>Runs a function on each lane's thread.</summary>
    /// <exception cref="InvalidOperationException">Too many commands wait, or a lane has ended.</exception>
    public Task<T[]> InvokeAsync<T>(Func<LaneThread, SwitchCore, T> function) =>
        Task.WhenAll(_lanes.Select(lane => lane.InvokeAsync(core => function(lane, core))).ToArray());

    /// <summary>
    /// The same, where no lane may begin before all were asked: what one then tells another comes after.
    /// </summary>
    /// <exception cref="InvalidOperationException">Too many commands wait, or a lane has ended.</exception>
    public async Task<T[]> InvokeTogetherAsync<T>(Func<LaneThread, SwitchCore, T> function)
    {
        if (_lanes.Length == 1)
            return await InvokeAsync(function).ConfigureAwait(false);
        using var all = new ManualResetEventSlim();
        var asked = new List<Task<T>>();
        try
        {
            foreach (LaneThread lane in _lanes)
            {
                asked.Add(lane.InvokeAsync(core =>
                {
                    all.Wait();
                    return function(lane, core);
                }));
            }
        }
        finally
        {
            all.Set();
            await Task.WhenAll(asked).ConfigureAwait(false);
        }

        return [.. asked.Select(task => task.Result)];
    }

    public void Dispose() => End(_lanes);

    // No lane may wake one whose descriptors are closed.
    private static void End(IReadOnlyList<LaneThread> lanes)
    {
        foreach (LaneThread lane in lanes)
            lane.Stop();
        foreach (LaneThread lane in lanes)
            lane.Dispose();
    }

    private async Task EndedAsync()
    {
        await foreach (Task ended in Task.WhenEach(_lanes.Select(lane => lane.Ended)).ConfigureAwait(false))
            await ended.ConfigureAwait(false);
    }
}
