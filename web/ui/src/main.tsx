import { render } from 'preact';
import { App } from './app.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/components.css';
import './styles/feedback.css';
import './styles/bars.css';
import './styles/table.css';
import './styles/overview.css';
import './styles/workloads.css';
import './styles/workload.css';
import './styles/explain.css';
import './styles/data.css';

render(<App />, document.getElementById('app') as HTMLElement);
