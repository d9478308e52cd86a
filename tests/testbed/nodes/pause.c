/* The first process of a Pod: it holds the Pod's namespaces until it is told to end. */
#include <signal.h>
#include <unistd.h>

static void end(int number) { _exit(number == SIGTERM || number == SIGINT ? 0 : 1); }

int main(void) {
  signal(SIGTERM, end);
  signal(SIGINT, end);
  signal(SIGCHLD, SIG_IGN); /* no zombies where containers share the Pod's processes */
  for (;;) pause();
}
